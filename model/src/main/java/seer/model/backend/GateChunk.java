package seer.model.backend;

/// The part of a prompt that passes a gate at once.
///
/// @param tokens      of the chunk; its last block may be short
/// @param block       tokens along one edge of a block
/// @param firstBlock  its first query block within the prompt
/// @param totalBlocks blocks of the whole prompt
public record GateChunk(int tokens, int block, int firstBlock, int totalBlocks) {
    /// Query blocks of the chunk.
    public int blocks() {
        return Math.ceilDiv(tokens, block);
    }

    /// Position of its first token.
    public int position() {
        return firstBlock * block;
    }
}
