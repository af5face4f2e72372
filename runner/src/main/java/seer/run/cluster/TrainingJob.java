package seer.run.cluster;

import java.io.Serializable;
import java.util.List;
import seer.gate.prompt.Family;
import seer.gate.course.TextCorpus;
import seer.gate.train.TrainingPlan;

/// What gradients are computed of: whoever has the same of these makes the same sequences.
///
/// @param retrieval share of sequences that are retrieval prompts
public record TrainingJob(TrainingPlan plan, TextCorpus corpus, double retrieval, List<Family> families)
        implements Serializable { }
