package seer.model.backend;

/// The part of a prompt that passes a gate at once.
///
/// @param tokens      of the chunk; its last block may be short
/// @param block       tokens along one edge of a block
/// @param firstBlock  its first query block within the prompt
/// @param totalBlocks blocks of the whole prompt
/// @param keyBlock    tokens that one vector of the keys stands for; divides `block`
public record GateChunk(int tokens, int block, int firstBlock, int totalBlocks, int keyBlock) {
    /// One vector for each block of keys.
    public GateChunk(int tokens, int block, int firstBlock, int totalBlocks) {
        this(tokens, block, firstBlock, totalBlocks, block);
    }

    /// Vectors to a block of keys.
    public int fold() {
        return block / keyBlock;
    }

    /// Vectors of the chunk's keys.
    public int keyVectors() {
        return Math.ceilDiv(tokens, keyBlock);
    }

    /// Query blocks of the chunk.
    public int blocks() {
        return Math.ceilDiv(tokens, block);
    }

    /// Position of its first token.
    public int position() {
        return firstBlock * block;
    }
}
