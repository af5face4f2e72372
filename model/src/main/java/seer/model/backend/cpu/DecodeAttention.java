package seer.model.backend.cpu;

/// One query token against all keys before it: reading the cache is the cost.
///
/// A task is one key/value head and a range of keys. The query heads that share the key/value head go through it
/// together ([DecodeHeads]), or, where they are as many as a vector has lanes, as the queries of one [AttentionTile]:
/// so each row of the cache is read once for all of them. Ranges are merged by their log-sum-exps.
record DecodeAttention(CpuTensor q, int position, CpuCache cache, CpuTensor out) {
    /// A range shorter than this is not worth a task of its own.
    private static final int SHORTEST = 512;

    void run(CpuThreads threads) {
        int groups = cache.groups();
        int count = position + 1;
        int ranges = Math.max(1, Math.min(2 * threads.count(), count / SHORTEST));
        int length = (count + ranges - 1) / ranges;
        var partial = new float[ranges * q.extent(0) * q.extent(2)]; // [ranges, H, D]
        var logSumExp = new float[ranges * q.extent(0)];             // [ranges, H]
        threads.run(groups * ranges, (task, scratch) -> {
            int range = task % ranges;
            int from = Math.min(count, range * length);
            range(task / ranges, from, Math.min(length, count - from), partial, logSumExp, range * q.extent(0),
                    scratch);
        });
        for (int head = 0; head < q.extent(0); head++) {
            merge(partial, logSumExp, head, ranges);
        }
    }

    private void range(int group, int from, int count, float[] partial, float[] logSumExp, int row, Scratch scratch) {
        int width = q.extent(2);
        int share = q.extent(0) / cache.groups();
        int at = (group * cache.capacity() + from) * width;
        if (DecodeKernel.suits(share, width)) {
            int stride = q.extent(1) * width;
            var heads = new DecodeHeads(q.values(), group * share * stride, stride, share, width, scratch);
            heads.attend(cache.keys().values(), cache.values().values(), at, count);
            heads.finish(partial, (row + group * share) * width);
            heads.logSumExp(logSumExp, row + group * share);
            return;
        }
        for (int first = 0; first < share; first += Lanes.PANEL) {
            int heads = Math.min(Lanes.PANEL, share - first);
            int head = group * share + first;
            float[] queries = scratch.floats(7, heads * width);
            for (int h = 0; h < heads; h++) {
                System.arraycopy(q.values(), (head + h) * q.extent(1) * width, queries, h * width, width);
            }
            var tile = new AttentionTile(queries, 0, heads, width, scratch);
            tile.attend(cache.keys().values(), cache.values().values(), at, count, count, at, 0);
            tile.finish(partial, (row + head) * width, width);
            tile.logSumExp(logSumExp, row + head);
        }
    }

    private void merge(float[] partial, float[] logSumExp, int head, int ranges) {
        int width = q.extent(2);
        int heads = q.extent(0);
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < ranges; i++) {
            max = Math.max(max, logSumExp[i * heads + head]);
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
