//! What a file is that is not UTF-8, as far as its bytes tell, and how it is made UTF-8 without harm to what it holds.

/// A file that is not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mangled {
    /// As the user knows it.
    pub path: String,
    /// The first line that is not UTF-8.
    pub line: u32,
    /// What it is instead.
    pub encoding: Encoding,
}

impl Mangled {
    /// Of bytes that are not UTF-8 from `valid_up_to` on.
    pub fn new(path: String, bytes: &[u8], valid_up_to: usize) -> Mangled {
        let line = 1 + bytes[..valid_up_to].iter().filter(|byte| **byte == b'\n').count() as u32;
        Mangled { path, line, encoding: Encoding::guess(bytes) }
    }

    /// What is wrong with it, without its name.
    pub fn what(&self) -> String {
        format!("not UTF-8: see line {}; {}", self.line, self.encoding.what())
    }

    /// What makes it UTF-8.
    pub fn hint(&self) -> String {
        self.encoding.hint().replace("FILE", &self.path)
    }
}

/// What it is instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// With its byte order mark.
    Utf16,
    /// By gzip, zip, zstd, xz or bzip2.
    Compressed,
    /// UTF-8 and other bytes, as in a dump of a table with binary columns.
    Mixed,
    /// Every byte of it is a character of Windows-1252.
    Windows1252,
    /// None of these.
    Unknown,
}

impl Encoding {
    fn guess(bytes: &[u8]) -> Encoding {
        const PACKED: [&[u8]; 5] = [b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"BZh"];
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            Encoding::Utf16
        } else if PACKED.iter().any(|magic| bytes.starts_with(magic)) {
            Encoding::Compressed
        } else if has_utf8(bytes) || bytes.iter().any(is_control) || marks_binary(bytes) {
            Encoding::Mixed
        } else if bytes.iter().any(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)) {
            Encoding::Unknown
        } else {
            Encoding::Windows1252
        }
    }

    fn what(self) -> &'static str {
        match self {
            Encoding::Utf16 => "it is UTF-16",
            Encoding::Compressed => "it is compressed",
            Encoding::Mixed => "some of it is UTF-8, and some is not, as in a dump with binary values",
            Encoding::Windows1252 => "it can be Windows-1252, which MySQL calls latin1",
            Encoding::Unknown => "it is not Windows-1252 either",
        }
    }

    /// What makes it UTF-8. No conversion where that would change what is UTF-8 already.
    fn hint(self) -> &'static str {
        match self {
            Encoding::Utf16 => "convert it: `iconv -f utf-16 -t utf-8 FILE > NEW`",
            Encoding::Compressed => "unpack it first",
            Encoding::Mixed => {
                "make the dump again with `--hex-blob`, or correct that line by hand; to convert the whole file would destroy what \
                 is right in it"
            }
            Encoding::Windows1252 => {
                "if that is what it is: `iconv -f cp1252 -t utf-8 FILE > NEW`; look at letters such as ä, € and – in NEW before it runs"
            }
            Encoding::Unknown => {
                "convert it from the encoding in which it was written: `iconv -f ENCODING -t utf-8 FILE > NEW`; if it is a dump \
                 with binary values, make it again with `--hex-blob`"
            }
        }
    }
}

/// Whether it holds a character of two or more bytes.
fn has_utf8(bytes: &[u8]) -> bool {
    bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii())
}

/// What no text holds. ^Z ends old files of DOS.
fn is_control(byte: &u8) -> bool {
    matches!(byte, 0..=8 | 0x0b | 0x0e..=0x19 | 0x1b..=0x1f | 0x7f)
}

/// As mysqldump writes binary values without `--hex-blob`.
fn marks_binary(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"_binary '").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_and_where() {
        for (bytes, line, encoding) in [
            (&b"\xff\xfeS\0E\0"[..], 1, Encoding::Utf16),
            (b"\xfe\xff\0S\0E", 1, Encoding::Utf16),
            (b"\x1f\x8b\x08\0", 1, Encoding::Compressed),
            (b"-- a\nSELECT 'caf\xe9';\n", 2, Encoding::Windows1252),
            (b"SELECT '10 \x80 \x96 20 \x80';\n", 1, Encoding::Windows1252),
            ("-- é\nINSERT INTO t VALUES (".as_bytes(), 0, Encoding::Mixed),
            (b"-- \xc3\xa9\nINSERT INTO t VALUES ('\xff');\n", 2, Encoding::Mixed),
            (b"INSERT INTO t VALUES ('\xff\x01');\n", 1, Encoding::Mixed),
            (b"INSERT INTO t VALUES (_binary '\xe9\xe8');\n", 1, Encoding::Mixed),
            (b"SELECT '\x93\xfa\x96\x7b\x8d\x91';\n", 1, Encoding::Unknown),
        ] {
            let Err(error) = std::str::from_utf8(bytes) else {
                assert_eq!(Encoding::guess(bytes), encoding);
                continue;
            };
            let found = Mangled::new("x".to_owned(), bytes, error.valid_up_to());
            assert_eq!((found.line, found.encoding), (line, encoding), "{}", String::from_utf8_lossy(bytes));
        }
        assert!(!Encoding::Mixed.hint().contains("iconv"));
    }
}
