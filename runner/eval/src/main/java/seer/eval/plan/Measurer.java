package seer.eval.plan;

import java.util.List;

/// Whoever measures what is missing of some tasks, with all of these contenders: this process, or many.
public interface Measurer {
    /// The specifications may be opened anywhere where their files are.
    void measure(List<TaskSpec> tasks, List<ContenderSpec> contenders);
}
