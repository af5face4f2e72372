package seer.model.backend;

/// What operands of block selection have to be; every backend checks them so. See [Contract].
public final class SelectionContract {
    private SelectionContract() { }

    public static void projectHeads(Backend own, Tensor pooled, Tensor weights, int from, int rows, Tensor y) {
        Contract.heads(own, pooled, "pooled", from + rows);
        Contract.heads(own, weights, "weights", 0);
        Contract.heads(own, y, "y", from + rows);
        Contract.divides("heads of pooled", pooled.extent(0), "heads of weights", weights.extent(0));
        Contract.same("inputs of weights", weights.extent(1), pooled.extent(2));
        Contract.same("heads of y", y.extent(0), weights.extent(0));
        Contract.same("width of y", y.extent(2), weights.extent(2));
    }

    public static void select(Backend own, Tensor queries, BlockKeys keys, int firstRow, int rows, int totalBlocks,
                              Arena arena) {
        if (firstRow + rows > totalBlocks) {
            throw new IllegalArgumentException("rows " + firstRow + " to " + (firstRow + rows)
                    + " do not fit a prompt of " + totalBlocks + " blocks");
        }
        blockScores(own, queries, keys, firstRow, rows);
        Contract.belongs(own, arena, "the mask's memory");
    }

    public static void gate(Backend own, GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary,
                            Arena arena) {
        Contract.divides("key block", chunk.keyBlock(), "block", chunk.block());
        side(own, queries, "queries", chunk.tokens(), chunk.blocks(), rotary);
        side(own, keys, "keys", chunk.tokens(), chunk.keyVectors(), rotary);
        select(own, queries.vectors(), new BlockKeys(keys.vectors(), chunk.fold(), keys.at() + chunk.keyVectors()),
                chunk.firstBlock(), chunk.blocks(), chunk.totalBlocks(), arena);
    }

    private static void side(Backend own, GateSide side, String name, int tokens, int vectors, Rotary rotary) {
        Contract.heads(own, side.raw(), "raw " + name, tokens);
        Contract.heads(own, side.pooled(), "pooled " + name, side.at() + vectors);
        Contract.heads(own, side.vectors(), name, side.at() + vectors);
        int inputs = Math.multiplyExact(side.poolings().size(), side.raw().extent(2));
        Contract.same("heads of the pooled " + name, side.pooled().extent(0), side.raw().extent(0));
        Contract.same("width of the pooled " + name, side.pooled().extent(2), inputs);
        if (side.weights() == null) {
            Contract.same("heads of " + name, side.vectors().extent(0), side.raw().extent(0));
            Contract.same("width of " + name, side.vectors().extent(2), inputs);
        } else {
            Tensor weights = side.weights();
            Contract.heads(own, weights, "weights of " + name, 0);
            Contract.divides("raw heads of " + name, side.raw().extent(0), "heads of its weights", weights.extent(0));
            Contract.same("inputs of the weights of " + name, weights.extent(1), inputs);
            Contract.same("heads of " + name, side.vectors().extent(0), weights.extent(0));
            Contract.same("width of " + name, side.vectors().extent(2), weights.extent(2));
        }
        if (rotary != null) {
            Contract.rotary(rotary, side.vectors(), name);
        } else if (side.weights() == null && side.vectors() != side.pooled()) {
            throw new IllegalArgumentException(name + " are neither projected nor rotated, wanted the tensor of the "
                    + "pooled ones");
        }
    }

    public static void blockScores(Backend own, Tensor queries, BlockKeys blocks, int firstRow, int rows) {
        Tensor keys = blocks.vectors();
        Contract.heads(own, queries, "queries", rows);
        Contract.heads(own, keys, "keys", blocks.count());
        if (blocks.fold() < 1 || Math.ceilDiv(blocks.count(), blocks.fold()) < firstRow + rows) {
            throw new IllegalArgumentException("keys are " + blocks.count() + " vectors, " + blocks.fold()
                    + " to a block, wanted those of " + (firstRow + rows) + " blocks");
        }
        Contract.same("width of keys", keys.extent(2), queries.extent(2));
        Contract.divides("heads of keys", keys.extent(0), "heads of queries", queries.extent(0));
    }
}
