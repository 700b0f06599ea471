//! How a way back is stored.

use flate2::read::ZlibDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};
use std::cell::RefCell;
use std::io::Read;

/// The encoder clears a quarter of a megabyte for each text. Short ones, as most ways back are, hardly get shorter.
const STORED_AT_MOST: u16 = 256;

thread_local! {
    /// Kept, since it is large.
    static ENCODER: RefCell<Compress> = RefCell::new(Compress::new(Compression::default(), true));
}

/// The format of the server's COMPRESS(): the length in four bytes, least first, then a zlib stream. So a DBA can read a
/// way back with plain SQL.
pub fn pack(text: &str) -> Vec<u8> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut packed = (text.len() as u32).to_le_bytes().to_vec();
    if let Some(length) = u16::try_from(text.len()).ok().filter(|length| *length <= STORED_AT_MOST) {
        stored(&mut packed, text.as_bytes(), length);
        return packed;
    }
    ENCODER.with_borrow_mut(|encoder| {
        encoder.reset();
        loop {
            packed.reserve(text.len() / 2 + 64);
            let rest = &text.as_bytes()[encoder.total_in() as usize..];
            let done = encoder.compress_vec(rest, &mut packed, FlushCompress::Finish);
            if done.expect("writing to memory does not fail") == Status::StreamEnd {
                return packed;
            }
        }
    })
}

/// A zlib stream of one block that is not compressed (RFC 1950, RFC 1951 3.2.4).
fn stored(packed: &mut Vec<u8>, text: &[u8], length: u16) {
    packed.extend([0x78, 0x01, 0x01]);
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(text);
    packed.extend(adler2::adler32_slice(text).to_be_bytes());
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
        for short in ["DROP TABLE `é`;", &"x".repeat(256), &"x".repeat(257)] {
            assert_eq!(unpack(&pack(short)).as_deref(), Some(short));
        }
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
