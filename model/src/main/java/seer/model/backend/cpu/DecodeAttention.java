package seer.model.backend.cpu;

import java.util.Arrays;
import java.util.stream.IntStream;
import seer.model.attention.QueryRow;

/// One query token against the keys before it, all or those of some blocks: reading the cache is the cost.
///
/// A task is what shares its keys, which are the query heads of one key/value head or a head with blocks of its own,
/// and a range of them. These query heads go through the keys together ([DecodeHeads]), or, where they are as many as a
/// vector has lanes, as the queries of one [AttentionTile]: so each row of the cache is read once for all of them.
/// Ranges are merged by their log-sum-exps.
///
/// @param row the blocks that are seen; null for all keys
record DecodeAttention(CpuTensor q, int position, CpuCache cache, QueryRow row, CpuTensor out) {
    /// A range shorter than this is not worth a task of its own.
    private static final int SHORTEST = 64;

    /// Keys in a row within the cache of a head.
    private record Piece(int from, int count) { }

    void run(CpuThreads threads) {
        int units = row == null ? cache.groups() : row.mask().heads();
        var pieces = new Piece[units][];
        for (int unit = 0; unit < units; unit++) {
            pieces[unit] = pieces(unit, threads.count());
        }
        int longest = Arrays.stream(pieces).mapToInt(each -> each.length).max().orElseThrow();
        int ranges = Math.max(1, Math.min(longest, ranges(threads.count())));
        var partial = new float[ranges * q.extent(0) * q.extent(2)]; // [ranges, H, D]
        var logSumExp = new float[ranges * q.extent(0)];             // [ranges, H]
        threads.run(units * ranges, (task, scratch) -> {
            int range = task % ranges;
            var all = pieces[task / ranges];
            int length = Math.ceilDiv(all.length, ranges);
            int from = Math.min(all.length, range * length);
            var some = Arrays.copyOfRange(all, from, Math.min(all.length, from + length));
            range(task / ranges, units, some, partial, logSumExp, range * q.extent(0), scratch);
        });
        for (int head = 0; head < q.extent(0); head++) {
            merge(partial, logSumExp, head, ranges);
        }
    }

    private int ranges(int threads) {
        return Math.max(1, Math.min(2 * threads, (position + 1) / SHORTEST));
    }

    /// All keys, cut into ranges, or the blocks.
    private Piece[] pieces(int unit, int threads) {
        if (row != null) {
            return Arrays.stream(row.blocks(unit)).mapToObj(block -> new Piece(row.from(block), row.count(block)))
                    .filter(piece -> piece.count() > 0).toArray(Piece[]::new);
        }
        int count = position + 1;
        int ranges = ranges(threads);
        int length = Math.ceilDiv(count, ranges);
        return IntStream.range(0, ranges).mapToObj(range -> {
            int from = Math.min(count, range * length);
            return new Piece(from, Math.min(length, count - from));
        }).toArray(Piece[]::new);
    }

    private void range(int unit, int units, Piece[] pieces, float[] partial, float[] logSumExp, int at,
                       Scratch scratch) {
        int width = q.extent(2);
        int share = q.extent(0) / units;
        int group = unit * share / (q.extent(0) / cache.groups());
        if (DecodeKernel.suits(share, width)) {
            int stride = q.extent(1) * width;
            var heads = new DecodeHeads(q.values(), unit * share * stride, stride, share, width, scratch);
            for (Piece piece : pieces) {
                heads.attend(cache, group, piece.from(), piece.count(), scratch);
            }
            heads.finish(partial, (at + unit * share) * width);
            heads.logSumExp(logSumExp, at + unit * share);
            return;
        }
        for (int first = 0; first < share; first += Lanes.PANEL) {
            int heads = Math.min(Lanes.PANEL, share - first);
            int head = unit * share + first;
            float[] queries = scratch.floats(7, heads * width);
            for (int h = 0; h < heads; h++) {
                System.arraycopy(q.values(), (head + h) * q.extent(1) * width, queries, h * width, width);
            }
            var tile = new AttentionTile(queries, 0, heads, width, scratch);
            var tiles = new AttentionTile[] {tile};
            for (int i = 0; i < pieces.length; i++) {
                int count = pieces[i].count();
                var next = i + 1 < pieces.length ? pieces[i + 1] : new Piece(pieces[i].from(), 0);
                AttentionTile.attend(tiles, 1, cache, group, pieces[i].from(), count, count, next.from(), next.count(),
                        scratch);
            }
            tile.finish(partial, (at + head) * width, width);
            tile.logSumExp(logSumExp, at + head);
        }
    }

    private void merge(float[] partial, float[] logSumExp, int head, int ranges) {
        int width = q.extent(2);
        int heads = q.extent(0);
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < ranges; i++) {
            max = Math.max(max, logSumExp[i * heads + head]);
        }
        if (max == Float.NEGATIVE_INFINITY) { // no key was seen
            Arrays.fill(out.values(), head * width, (head + 1) * width, 0);
            return;
        }
        double sum = 0;
        double[] total = new double[width];
        for (int i = 0; i < ranges; i++) {
            double weight = Math.exp(logSumExp[i * heads + head] - max);
            sum += weight;
            for (int d = 0; d < width; d++) {
                total[d] += weight * partial[(i * heads + head) * width + d];
            }
        }
        for (int d = 0; d < width; d++) {
            out.values()[head * width + d] = (float) (total[d] / sum);
        }
    }
}
