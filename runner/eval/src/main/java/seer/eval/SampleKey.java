package seer.eval;

import java.io.Serializable;

/// Which sample: of what, and with which selector.
///
/// @param task          name of the task: a family, a dataset, a text
/// @param tokens        context length
/// @param selector      label
/// @param denseLastRows rows of blocks at the prompt's end that keep every block
/// @param item          name of the prompt or window within the task
public record SampleKey(Measure measure, String task, int tokens, String selector, int denseLastRows, String item)
        implements Serializable {

    /// The same for all items.
    SampleKey group() {
        return new SampleKey(measure, task, tokens, selector, denseLastRows, "");
    }
}
