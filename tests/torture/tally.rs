//! How many faults of each kind there were, and what came of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

/// A number of a campaign, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    KillAtRandom,
    KillAtPoint,
    Cut,
    LostRequest,
    LostAnswer,
    KillConnection,
    KillQuery,
    ServerAtRandom,
    ServerAtPoint,
    Rounds,
    RunsHitByServer,
    RunAgain,
    WentOn,
    FoundDone,
    FoundNotDone,
    SentAgain,
    Partial,
    QuestionDone,
    QuestionNotDone,
    QuestionPart,
    Wrong,
}

use Count::{
    Cut, FoundDone, FoundNotDone, KillAtPoint, KillAtRandom, KillConnection, KillQuery, LostAnswer, LostRequest,
    Partial, QuestionDone, QuestionNotDone, QuestionPart, Rounds, RunAgain, RunsHitByServer, SentAgain, ServerAtPoint,
    ServerAtRandom, WentOn, Wrong,
};

const FAULTS: [Count; 9] =
    [KillAtRandom, KillAtPoint, Cut, LostRequest, LostAnswer, KillConnection, KillQuery, ServerAtRandom, ServerAtPoint];

#[derive(Default)]
pub struct Tally(Mutex<BTreeMap<Count, usize>>);

impl Tally {
    pub fn add(&self, count: Count, number: usize) {
        *self.0.lock().expect("nobody panics with it").entry(count).or_default() += number;
    }

    pub fn get(&self, count: Count) -> usize {
        self.0.lock().expect("nobody panics with it").get(&count).copied().unwrap_or_default()
    }

    pub fn faults(&self) -> usize {
        FAULTS.iter().map(|count| self.get(*count)).sum()
    }

    pub fn wrong(&self) -> usize {
        self.get(Wrong)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let get = |count| self.get(count);
        writeln!(f, "  faults                       {}", self.faults())?;
        writeln!(
            f,
            "    uturn killed               {} at random, {} at a named point",
            get(KillAtRandom),
            get(KillAtPoint)
        )?;
        writeln!(
            f,
            "    connections cut            {} at random, {} with a request lost, {} with an answer lost",
            get(Cut),
            get(LostRequest),
            get(LostAnswer)
        )?;
        writeln!(f, "    KILL                       {} CONNECTION, {} QUERY", get(KillConnection), get(KillQuery))?;
        writeln!(
            f,
            "    server killed              {} at random, {} at a named point, under {} runs",
            get(ServerAtRandom),
            get(ServerAtPoint),
            get(RunsHitByServer)
        )?;
        writeln!(f, "  ups and undos to their end   {}", get(Rounds))?;
        writeln!(f, "  recoveries")?;
        writeln!(f, "    went on by itself          {}", get(WentOn))?;
        writeln!(f, "    run again                  {}", get(RunAgain))?;
        writeln!(f, "    unknown, recovered         {} done, {} not done", get(FoundDone), get(FoundNotDone))?;
        writeln!(f, "    statements sent again      {}", get(SentAgain))?;
        writeln!(f, "  told as done in part         {}", get(Partial))?;
        writeln!(
            f,
            "  questions                    {}: {} were done, {} not done, {} in part",
            get(QuestionDone) + get(QuestionNotDone) + get(QuestionPart),
            get(QuestionDone),
            get(QuestionNotDone),
            get(QuestionPart)
        )?;
        write!(f, "  wrong                        {}", get(Wrong))
    }
}
