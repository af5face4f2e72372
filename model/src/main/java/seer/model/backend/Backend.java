package seer.model.backend;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.MassPooling;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.load.DType;

/// Where the arithmetic happens: every operation that prefill, gates and selectors are made of.
///
/// Letters, as everywhere: `T` tokens of a chunk, `S` tokens a cache can hold, `H` query heads, `G` key/value
/// heads, `D` head width, `B` block edge, `n` blocks, `C` model width, `E` gate width. Query head `h` reads
/// key/value head `h / (H / G)`. Tensors stay with the backend; nothing but token ids goes in and nothing but
/// what is asked for comes out. Buffers may be larger than the rows in use: head-major tensors `[H, T, D]` keep
/// their allocated `T` as stride.
///
/// What is said here of operands is checked by [Contract] before anything is computed: an operand of another shape,
/// or of another backend, is an [IllegalArgumentException], one whose arena is closed an [IllegalStateException], of
/// one sentence that names it, and nothing was changed.
///
/// A backend is used by one thread at a time; it spreads the work itself.
public interface Backend extends AutoCloseable {
    /// The largest number of a residual stream: the squares of a million of them still fit 32 bits.
    float LARGEST = 1e16f;

    BackendInfo info();

    /// Time spent so far in compiling kernels while they were first used, that use included; 0 where the JVM alone
    /// compiles.
    default long compileNanos() {
        return 0;
    }

    /// The kernels that were taken so far, by operation, where there are several to choose from: of
    /// [seer.model.Backends#tornadoRungs]. Empty if there never are.
    default Map<String, String> rungs() {
        return Map.of();
    }

    /// Memory for one owner: what is computed with lives in arenas, until they or the backend close.
    ///
    /// @param owner as sentences name it: `the model in demo-model`, `its session`
    /// @param bytes that it will take, as far as known; 0 if not. Memory is taken in pieces that fit it
    /// @throws IllegalStateException if the backend is closed
    Arena arena(String owner, long bytes);

    /// How it stores matrices.
    default ElementType weights() {
        return ElementType.F32;
    }

    /// Host bytes (or device bytes) that a tensor of this shape takes.
    long bytes(int... shape);

    /// Host bytes (or device bytes) that a [KeyValueCache] takes.
    ///
    /// @param type as for [Arena#cache]
    long cacheBytes(ElementType type, int groups, int capacity, int width);

    /// How the caches of a text are best stored.
    ///
    /// @param elements  of all of them
    /// @param quantized bytes of the model's weights, some of which are quantized; 0 if none is
    default ElementType cacheType(long elements, long quantized) {
        return precision();
    }

    /// Fails where layers of these types leave nothing to do for what this backend was opened for: nobody who asked
    /// for it shall measure something else.
    ///
    /// @param model  folder or file, for the sentence
    /// @param layers elements of each type in the model's layers, embedding and head left out
    /// @throws IllegalArgumentException saying what was wanted
    default void requireUse(Path model, Map<DType, Long> layers) {
    }

    /// Tokens of a prompt that pass through the layers together, where nothing else is asked for: enough to keep all of
    /// it busy, small beside the cache.
    default int chunk() {
        return chunk(precision());
    }

    /// The same of a device that computes in this precision. In bf16 more: tensor cores are done with 8,192 tokens
    /// before the next launches are ready.
    static int chunk(ElementType precision) {
        return precision == ElementType.BF16 ? 32_768 : 8192;
    }

    // -- transformer --

    /// `x[t] = table[tokens[from + t]]` for `t < count`.
    ///
    /// @throws IllegalArgumentException if a token is no row of the table
    void embed(Matrix table, int[] tokens, int from, int count, Tensor x);

    /// Root-mean-square norm and the stacked query, key and value projections, heads apart.
    ///
    /// @param x    `[T, C]` residual stream, read only
    /// @param bias `[(H + 2G) * D]` or null
    /// @param q    `[H, T, D]` out, before rotation
    /// @param k    `[G, T, D]` out, before rotation
    /// @param v    `[G, T, D]` out
    void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Tensor bias,
                 Tensor q, Tensor k, Tensor v);

    /// A layer's way from the stream to attention: [#project], [#normHeads], [#rotate] and [#append] of one chunk, in
    /// as few passes as the backend has for them.
    ///
    /// @return whether what the gate wants was pooled on the way; if not, [#pool] does it, or [#gate]
    default boolean enter(LayerEntry entry) {
        entry.stepByStep(this);
        return false;
    }

    /// Norms each vector of `x[heads, T, D]`, rows `0 .. rows`, by its root mean square, in place.
    ///
    /// @param norm `[D]`, the same for all heads
    void normHeads(Tensor x, int rows, Tensor norm, double epsilon);

    /// Turns `rows` vectors of each head: row `from + t` of `x[heads, T, width]`, by position `first + t * step`,
    /// into row `at + t` of `target[heads, S, width]`. Both may be the same tensor if `at` equals `from`. A rotary that
    /// is narrower than the vectors leaves their ends as they are.
    ///
    /// @throws IllegalArgumentException if it is wider
    void rotate(Tensor x, int from, int rows, Rotary rotary, int first, int step, Tensor target, int at);

    /// Puts `rows` keys and values of each head into a cache, at positions `offset ...`; keys are turned by their
    /// positions first.
    ///
    /// @param k      `[G, T, D]` before rotation
    /// @param v      `[G, T, D]`
    /// @param rotary as for [#rotate], or null: keys are turned already
    void append(Tensor k, Tensor v, int rows, Rotary rotary, int offset, KeyValueCache cache);

    /// Block-sparse causal attention with online softmax.
    ///
    /// Query row `t` stands at position `offset + t`; `offset` is a multiple of the mask's block; the cache holds
    /// keys and values `0 .. offset + rows`. A row without any block yields zeros and a log-sum-exp of negative
    /// infinity.
    ///
    /// @param q    `[H, T, D]` after rotation
    /// @param out  `[T, H * D]`
    /// @param logSumExp `[H, T]` natural logarithm of the softmax denominators, or null
    /// @throws IllegalArgumentException if the mask is that of other rows, or of another number of heads
    void attend(Tensor q, int rows, int offset, KeyValueCache cache, BlockMask mask, Tensor out, Tensor logSumExp);

    /// Corrects what [#attend] gave by delta rows ([seer.model.DeltaRows]): row `a`, each `spacing`-th from the first
    /// on, attends to every key up to it, and the difference is added to the rows behind it, up to the next such row.
    ///
    /// ```text
    ///   out[a] = dense(q[a]);   out[t] += dense(q[a]) - out[a]  for a < t < a + spacing, out[a] as it was
    /// ```
    ///
    /// @param q         `[H, T, D]`, as given to [#attend]
    /// @param offset    position of the first row, a multiple of `spacing`
    /// @param out       `[T, H * D]` of [#attend]
    /// @param logSumExp `[H, T]` of [#attend]; stays as it is
    void addDeltas(Tensor q, int rows, int offset, int spacing, KeyValueCache cache, Tensor out, Tensor logSumExp);

    /// Means of the keys and of the values of whole blocks, tokens `from * block ... (from + blocks) * block` of a
    /// cache, into rows `from .. from + blocks` of another one.
    void averageBlocks(KeyValueCache cache, int from, int blocks, int block, KeyValueCache means);

    /// Corrects what [#attend] gave by the blocks before a row's own that its list leaves out
    /// ([seer.model.RestMeans]): each is one more key, the mean of its keys, that counts as often as it has tokens.
    ///
    /// ```text
    ///   out[t] = (e^lse[t] out[t] + sum of B e^s[j] mean value j) / (e^lse[t] + sum of B e^s[j]),
    ///   s[j] = q[t] . mean key j / sqrt(D),  j < t / B and not listed
    /// ```
    ///
    /// @param q         `[H, T, D]`, as given to [#attend]
    /// @param means     of [#averageBlocks], of the blocks before the last row's
    /// @param mask      as given to [#attend]
    /// @param out       `[T, H * D]` of [#attend]
    /// @param logSumExp `[H, T]` of [#attend]; stays as it is
    void attendRest(Tensor q, int rows, int offset, KeyValueCache means, BlockMask mask, Tensor out,
                    Tensor logSumExp);

    /// One query token, `q[H, 1.., D]` at position `position`, against the keys up to it; `out` is `[1.., H * D]`.
    /// Where no block is listed, the result is zeros.
    ///
    /// @param mask the row of the query's block, for each query head or each key/value head; null for every key
    /// @throws IllegalArgumentException if the mask is another row, or of another number of heads
    void attendOne(Tensor q, int position, KeyValueCache cache, BlockMask mask, Tensor out);

    /// The same with every key.
    default void attendOne(Tensor q, int position, KeyValueCache cache, Tensor out) {
        attendOne(q, position, cache, null, out);
    }

    /// `x[t] += w * y[t]`: the output projection and the residual.
    void addProjected(Tensor y, int rows, Matrix w, Tensor x);

    /// `x[t] += down * (silu(gate * norm(x[t])) * (up * norm(x[t])))`; `gateUp` stacks gate over up.
    void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down);

    /// Logits of row `row` of `x[T, C]`, after the final norm.
    float[] logits(Tensor x, int row, Tensor norm, double epsilon, Matrix head);

    /// Scores the successors of `rows` rows: `targets[t]` follows row `t`, negative where unknown.
    TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets);

    /// The first of `rows` rows of `x[T, C]` that holds NaN, an infinity or a number beyond [#LARGEST], whose square a
    /// norm could not add up; -1 if there is none. One pass over what the layers left behind finds whatever went wrong
    /// in any of them, since all that a layer does is to add to it.
    int firstBroken(Tensor x, int rows);

    // -- block selection --

    /// Pools `rows` vectors of each head by blocks of `block`: `x[heads, T, D]` from row `from` on into rows
    /// `at ...` of `pooled[heads, n, poolings * D]`, poolings side by side in the order given. The last block
    /// may be short: only real tokens count.
    void pool(Tensor x, int from, int rows, int block, List<Pooling> poolings, Tensor pooled, int at);

    /// `y[h, i] = pooled[h / (H / G), i] * w[h]` for rows `from .. from + rows`, written to the same rows of
    /// `y[H, n, E]`.
    ///
    /// @param pooled  `[G, n, in]`
    /// @param weights `[H, in, E]`
    void projectHeads(Tensor pooled, Tensor weights, int from, int rows, Tensor y);

    /// Scores blocks and keeps the best, head by head and row by row: the scores are never stored.
    ///
    /// Row `r` is query block `firstRow + r` of a prompt of `totalBlocks`; its causal key blocks are
    /// `0 .. firstRow + r`; the raw score is `scale * dot(queries[h, r], keys[h / (H / Hk), j])`, of several vectors to
    /// a block the largest.
    ///
    /// @param queries `[H, rows.., E]`
    /// @param arena   of the mask; the lists live until the mask closes, their number as long as the arena
    /// @throws IllegalArgumentException if the rows are beyond the prompt
    /// @throws NotFiniteException if a score that a row is chosen by is NaN or infinite: here, or when the mask's lists
    ///                            or their number are asked for
    BlockMask select(Tensor queries, BlockKeys keys, int firstRow, int rows, int totalBlocks, int block,
                     double scale, SelectionRule rule, ForcedBlocks forced, Arena arena);

    /// The same with one vector to a block.
    ///
    /// @param keys `[Hk, n.., E]`
    default BlockMask select(Tensor queries, Tensor keys, int firstRow, int rows, int totalBlocks, int block,
                             double scale, SelectionRule rule, ForcedBlocks forced, Arena arena) {
        return select(queries, BlockKeys.single(keys, firstRow + rows), firstRow, rows, totalBlocks, block, scale, rule,
                forced, arena);
    }

    /// Blocks that each of these masks keeps, open or closed; a device is asked once for all of them.
    long[] kept(List<BlockMask> masks);

    /// A whole gate: [#pool], [#projectHeads] and [#rotate] of both sides, then [#select]. The same result as from
    /// these one by one; a backend may do it in fewer steps.
    ///
    /// @param keys   its rows before `chunk.firstBlock()` are those of earlier chunks
    /// @param rotary as for [#rotate], or null: nothing is turned
    /// @param arena  of the mask, as for [#select]
    default BlockMask gate(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                           SelectionRule rule, ForcedBlocks forced, Arena arena) {
        SelectionContract.gate(this, queries, keys, chunk, rotary, arena);
        vectors(keys, chunk.tokens(), chunk.keyBlock(), chunk.position(), rotary);
        vectors(queries, chunk.tokens(), chunk.block(), chunk.position(), rotary);
        return select(queries.vectors(), new BlockKeys(keys.vectors(), chunk.fold(), keys.at() + chunk.keyVectors()),
                chunk.firstBlock(), chunk.blocks(), chunk.totalBlocks(), chunk.block(), scale, rule, forced, arena);
    }

    private void vectors(GateSide side, int tokens, int block, int position, Rotary rotary) {
        if (!side.ready()) {
            pool(side.raw(), 0, tokens, block, side.poolings(), side.pooled(), side.at());
        }
        Tensor mapped = side.pooled();
        int count = Math.ceilDiv(tokens, block);
        if (side.weights() != null) {
            projectHeads(side.pooled(), side.weights(), side.at(), count, side.vectors());
            mapped = side.vectors();
        }
        if (rotary != null) {
            rotate(mapped, side.at(), count, rotary, position, block, side.vectors(), side.at());
        }
    }

    /// Raw block scores of one head, `[rows, firstRow + rows]`, negative infinity above the diagonal: for
    /// pictures and tests.
    float[] blockScores(Tensor queries, BlockKeys keys, int head, int firstRow, int rows, double scale);

    /// The same with one vector to a block.
    default float[] blockScores(Tensor queries, Tensor keys, int head, int firstRow, int rows, double scale) {
        return blockScores(queries, BlockKeys.single(keys, firstRow + rows), head, firstRow, rows, scale);
    }

    /// The largest softmax probability inside each block, `[rows of blocks, key blocks]` of one head, not
    /// normalised: SeerAttention's training target before its rows are made to sum to 1 (section 3.2).
    ///
    /// @param logSumExp `[H, T]` from dense [#attend]
    /// @throws IllegalArgumentException if `offset` is no multiple of `block`, or there is no such head
    float[] pooledAttention(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block,
                            int head);

    /// The same of each head. The backend may compute several before it waits for them.
    default List<float[]> pooledAttention(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp,
                                          int block) {
        return IntStream.range(0, q.extent(0))
                .mapToObj(head -> pooledAttention(q, rows, offset, cache, logSumExp, block, head)).toList();
    }

    /// What the queries of each block give to each block of keys, `[rows of blocks, key blocks]` of one head: of a
    /// query the sum of the block's probabilities, of a block of queries what `pooling` makes of them. Other targets
    /// than the published one.
    ///
    /// @param logSumExp `[H, T]` from dense [#attend]
    /// @throws IllegalArgumentException if `offset` is no multiple of `block`, or there is no such head
    float[] blockMass(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block, int head,
                      MassPooling pooling);

    /// The same of each head. The backend may compute several before it waits for them.
    default List<float[]> blockMass(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block,
                                    MassPooling pooling) {
        return IntStream.range(0, q.extent(0))
                .mapToObj(head -> blockMass(q, rows, offset, cache, logSumExp, block, head, pooling)).toList();
    }

    // -- training --

    /// What carries gradients back through these operations; empty where the backend only reads.
    default Optional<Gradients> gradients() {
        return Optional.empty();
    }

    // -- measuring --

    /// How weights, activations and the cache are stored.
    default ElementType precision() {
        return ElementType.F32;
    }

    /// Precision and kind of the kernels, as results name them.
    default String arithmetic() {
        return "f32";
    }

    /// Bytes of a device that all arenas hold; 0 where they are the host's.
    default long heldBytes() {
        return 0;
    }

    /// Waits until everything that was asked for is computed. A backend may still be at it when a call returns; what
    /// comes to the host is waited for anyway.
    default void await() {
    }

    /// Measures what is asked for from now on.
    ///
    /// @param parts kinds of work that times are added up for
    default Laps laps(int parts) {
        return new HostLaps(parts);
    }

    /// Begins or ends measuring what kernels take on the device; a measured kernel is waited for.
    ///
    /// @return whether the backend can: where not, nothing changes
    default boolean measureKernels(boolean wanted) {
        return false;
    }

    /// Milliseconds on the device by kernel since the last call, of those that were measured.
    default Map<String, Double> kernelMillis() {
        return Map.of();
    }

    /// Milliseconds that the host waited for a device since the last call, by operation, launches and transfers
    /// included; what the first run of each took, in which it is compiled, is left out.
    default Map<String, Double> operationMillis() {
        return Map.of();
    }

    /// Multiply-adds per second times two that a register-only loop reaches on all threads: the yardstick.
    double peakFlops();

    /// Closes all arenas and gives up threads or the device.
    @Override
    void close();
}
