//! Days as numbers: 0 is 1970-01-01.

/// The day of a date of the Gregorian calendar, as it would have been before 1582 as well. (Howard Hinnant's
/// `days_from_civil`.)
pub fn day(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year, month and day of a day.
pub fn date(day: i128) -> (i128, i128, i128) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i128::from(month <= 2), month, of_month)
}

/// A day as SQL writes it.
pub fn written(number: i128) -> String {
    let (year, month, day) = date(number);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A date as SQL writes it, `2026-01-28`, maybe with a time behind it, which is left.
pub fn read(text: &str) -> Option<i128> {
    let mut parts = text.get(..10)?.splitn(3, '-').map(|part| part.parse::<i128>().ok());
    let (year, month, of_month) = (parts.next()??, parts.next()??, parts.next()??);
    ((1..=12).contains(&month) && (1..=31).contains(&of_month)).then(|| day(year, month, of_month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_other() {
        assert_eq!(day(1970, 1, 1), 0);
        assert_eq!(day(2000, 3, 1), 11_017);
        for number in -200_000..200_000 {
            let (y, m, d) = date(number);
            assert_eq!(day(y, m, d), number);
        }
        assert_eq!(written(day(2024, 2, 29)), "2024-02-29");
        assert_eq!(read("2024-02-29 12:00:00"), Some(day(2024, 2, 29)));
    }
}
