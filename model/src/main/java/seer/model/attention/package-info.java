/// What of the attention map is computed: how blocks are pooled, scored and chosen, and the lists of those that are
/// kept.
///
/// ```text
/// vectors --Pooling--> one of a block --scores--> SelectionRule, ForcedBlocks --> BlockMask    rows of a prompt
///                                     GateActivation                             QueryRow     the row of one token
/// ```
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.model.attention;
