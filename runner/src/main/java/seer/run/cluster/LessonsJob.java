package seer.run.cluster;

import java.io.Serializable;
import java.util.List;
import seer.gate.HeadLessons;
import seer.gate.ThresholdSearch;
import seer.gate.prompt.RetrievalPrompt;

/// What heads are weighed by: whoever has the same of these reads the same.
///
/// @param gate    folder of the gates
/// @param windows texts of equal length
/// @param prompts with their answers, of the same length
public record LessonsJob(String gate, List<int[]> windows, List<RetrievalPrompt> prompts, ThresholdSearch.Goal goal,
                         HeadLessons.Aim aim) implements Serializable { }
