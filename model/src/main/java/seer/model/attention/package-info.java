/// What of the attention map is computed: how blocks are pooled, scored and chosen, and the lists of those that are
/// kept.
///
/// ```text
/// vectors --Pooling--> one of a block --scores--> SelectionRule, ForcedBlocks --> BlockMask    rows of a prompt
///                                     GateActivation                             QueryRow     the row of one token
/// ```
package seer.model.attention;
