//! Chance from a seed. What falls depends on the seed and on what it falls for, never on what fell before: a table more or
//! less changes no other table's rows.
//!
//! Twelve lines of SplitMix64, not a crate: the same seed must give the same rows in every version of uturn.

/// Numbers for one value.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// For what these words and this number name.
    pub fn new(seed: u64, words: &[&str], number: u64) -> Dice {
        let mut dice = Dice(seed);
        for word in words {
            for byte in word.bytes() {
                dice.0 = (dice.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
            }
            dice.roll();
        }
        dice.0 ^= number.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        dice.roll();
        dice
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `end`; zero where there is nothing below it.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.roll() % end }
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: i128, high: i128) -> i128 {
        let span = high.saturating_sub(low).saturating_add(1).max(1);
        low + i128::from(self.roll() >> 1) % span
    }

    /// Once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(usize::try_from(self.below(of.len() as u64)).ok()?)
    }
}
