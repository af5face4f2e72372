package seer.eval;

import java.util.List;
import seer.model.BlockSelector;
import seer.model.Session;

/// Something to read with every selector and to score.
public interface EvalTask {
    Measure measure();

    /// A family, a dataset, a text.
    String name();

    /// Context length.
    int tokens();

    /// Tokens that a session for it must hold.
    default int capacity() {
        return tokens();
    }

    /// The prompts or windows, by name.
    List<String> items();

    /// Reads one of them.
    Sample measure(Session session, int item, BlockSelector selector);
}
