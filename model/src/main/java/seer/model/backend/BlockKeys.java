package seer.model.backend;

/// The vectors of key blocks, as queries are compared with them.
///
/// @param vectors `[Hk, count.., E]`
/// @param fold    vectors to a block, one after the other: the best of them is the block's; the last block may lack
///                some
/// @param count   vectors that there are
public record BlockKeys(Tensor vectors, int fold, int count) {
    /// One to each of `blocks` blocks.
    public static BlockKeys single(Tensor vectors, int blocks) {
        return new BlockKeys(vectors, 1, blocks);
    }
}
