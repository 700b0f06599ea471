//! How a way back is stored.

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use std::io::{Read, Write};

/// The format of the server's COMPRESS(): the length in four bytes, least first, then a zlib stream. So a DBA can read a
/// way back with plain SQL.
pub fn pack(text: &str) -> Vec<u8> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut packed = (text.len() as u32).to_le_bytes().to_vec();
    let mut encoder = ZlibEncoder::new(&mut packed, Compression::default());
    encoder.write_all(text.as_bytes()).and_then(|()| encoder.try_finish()).expect("writing to memory does not fail");
    drop(encoder);
    packed
}

/// How many bytes a way back has as it is stored.
pub fn packed_size(text: &str) -> u64 {
    pack(text).len() as u64
}

/// The text again; nothing if the bytes are damaged.
pub fn unpack(packed: &[u8]) -> Option<String> {
    if packed.is_empty() {
        return Some(String::new());
    }
    let (length, stream) = packed.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length);
    let mut text = String::new();
    // No more than is announced, so that damaged bytes do not fill the memory.
    ZlibDecoder::new(stream).take(u64::from(length) + 1).read_to_string(&mut text).ok()?;
    (text.len() == length as usize).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_is_packed_as_the_server_packs() {
        let text = "DROP TABLE `é`;\n".repeat(40);
        let packed = pack(&text);
        assert_eq!(packed[..4], (text.len() as u32).to_le_bytes());
        assert!(packed.len() < text.len());
        assert_eq!(unpack(&packed), Some(text));
        let mut longer = packed.clone();
        longer[0] -= 1;
        assert_eq!(unpack(&longer), None);
        assert_eq!(unpack(b"\x01\0\0\0nonsense"), None);
    }
}
