package seer.model.backend.tornado;

import static java.util.Map.entry;

import java.util.Map;
import seer.model.attention.SelectionRule;
import seer.model.backend.ElementType;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What a kernel is chosen for: an operation, and the extents and element types that decide.
sealed interface Work {

    /// Operations, as results name them.
    Map<Class<? extends Work>, String> NAMES = Map.ofEntries(
            entry(Lookup.class, "embedding"), entry(Product.class, "product"), entry(TileRows.class, "product"),
            entry(TileHeads.class, "projection"), entry(TilePair.class, "product with SwiGLU"),
            entry(Sparse.class, "attention"), entry(Dense.class, "dense attention"),
            entry(Rest.class, "attention to the rest"), entry(PooledMap.class, "pooled map"),
            entry(MassMap.class, "mass map"),
            entry(Vectors.class, "gate vectors"), entry(Pooled.class, "pooled gate vectors"),
            entry(Choice.class, "selection"));

    /// What is compiled in: operations of one kernel and one shape share a graph.
    String shape();

    /// Rows of an embedding table.
    ///
    /// @param tokens array that their numbers are sent in
    record Lookup(ElementType table, IntArray tokens) implements Work {
        @Override
        public String shape() {
            return table.name();
        }
    }

    /// `rows` rows times a matrix.
    record Product(int rows, int outputs, int inputs, ElementType weights) implements Work {
        @Override
        public String shape() {
            return outputs + " " + inputs + " " + weights;
        }

        /// The same for other rows, by the kernel that was chosen for these.
        Product of(int others) {
            return new Product(others, outputs, inputs, weights);
        }
    }

    /// Rows in tiles of bf16 times a matrix in tiles.
    ///
    /// @param <W> which of them
    sealed interface InTiles<W extends InTiles<W>> extends Work {
        int rows();

        /// Rows of the matrix, those that fill it up included.
        int outputs();

        /// The same for other rows, by the kernel that was chosen for these.
        W of(int others);
    }

    /// The result is rows of floats, or is added to them.
    record TileRows(int rows, int outputs, int inputs, boolean add) implements InTiles<TileRows> {
        @Override
        public TileRows of(int others) {
            return new TileRows(others, outputs, inputs, add);
        }

        @Override
        public String shape() {
            return outputs + " " + inputs + " BF16" + (add ? " added" : "");
        }
    }

    /// The stacked projections, whose results are heads in tiles.
    record TileHeads(int rows, int inputs, int heads, int groups, int width) implements InTiles<TileHeads> {
        @Override
        public TileHeads of(int others) {
            return new TileHeads(others, inputs, heads, groups, width);
        }

        @Override
        public int outputs() {
            return (heads + 2 * groups) * width;
        }

        @Override
        public String shape() {
            return heads + " " + groups + " " + width + " " + inputs + " BF16";
        }
    }

    /// Two matrices in turns, whose results go through SwiGLU into tiles.
    record TilePair(int rows, int outputs, int inputs) implements InTiles<TilePair> {
        @Override
        public TilePair of(int others) {
            return new TilePair(others, outputs, inputs);
        }

        @Override
        public String shape() {
            return outputs + " " + inputs + " BF16";
        }
    }

    /// Attention to every block up to the query's, where that is a kernel of its own.
    record Dense(int rows, int heads, int groups, int width, ElementType cache) implements Work {
        @Override
        public String shape() {
            return heads + " " + groups + " " + width + " " + cache;
        }
    }

    /// Attention over block lists.
    record Sparse(int rows, int heads, int groups, int width, int block, ElementType cache) implements Work {
        @Override
        public String shape() {
            return heads + " " + groups + " " + width + " " + block + " " + cache;
        }
    }

    /// Attention to the means of what block lists leave out.
    record Rest(int rows, int heads, int groups, int width, int block, ElementType cache) implements Work {
        @Override
        public String shape() {
            return heads + " " + groups + " " + width + " " + block + " " + cache;
        }
    }

    /// The largest probability inside each block, of one head.
    record PooledMap(int rows, int offset, int width, int block, ElementType cache) implements Work {
        @Override
        public String shape() {
            return width + " " + block + " " + cache;
        }

        /// Blocks of keys.
        int columns() {
            return Math.ceilDiv(offset + rows, block);
        }
    }

    /// The mass of each block, of one head.
    record MassMap(int rows, int offset, int width, int block, ElementType cache) implements Work {
        @Override
        public String shape() {
            return width + " " + block + " " + cache;
        }

        /// Blocks of keys.
        int columns() {
            return Math.ceilDiv(offset + rows, block);
        }
    }

    /// Pooling, map and rotation of both sides of a gate at once.
    ///
    /// @param blocks   of each head
    /// @param heads    raw heads of the sides that a run does
    /// @param inputs   of the wider pooled vector
    /// @param width    of the wider result
    /// @param distinct whether no pooling comes twice, and heads of both sides are equally wide
    /// @param raw      how queries and keys are stored
    record Vectors(int blocks, int heads, int inputs, int width, boolean distinct, ElementType raw) implements Work {
        @Override
        public String shape() {
            return "of any shape " + raw;
        }

        /// The same for other heads, by the kernel that was chosen for these.
        Vectors of(int others) {
            return new Vectors(blocks, others, inputs, width, distinct, raw);
        }
    }

    /// Map and rotation of both sides of a gate at once, whose queries and keys are pooled already.
    ///
    /// @param blocks of each head
    /// @param heads  of both sides
    /// @param width  of the wider result
    record Pooled(int blocks, int heads, int width) implements Work {
        @Override
        public String shape() {
            return "of any shape";
        }
    }

    /// From scores to block lists.
    ///
    /// @param fold   vectors to a block of keys
    /// @param groups that the rows are spread over
    record Choice(SelectionRule rule, int fold, int groups) implements Work {
        @Override
        public String shape() {
            return "of any shape";
        }
    }
}
