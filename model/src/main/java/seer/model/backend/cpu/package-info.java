/// The processor backend: Java's Vector API on a fixed pool of threads.
///
/// Four loops do nearly all the work, and all keep 10 to 16 accumulators of one vector each in registers:
///
/// | kernel         | result                                         | lanes run along | used for                 |
/// |----------------|------------------------------------------------|-----------------|--------------------------|
/// | `PanelKernel`  | `out[row, lane] = a[row, :] . panel[:, lane]`  | outputs         | projections, gate scores |
/// | `StripKernel`  | `s[key, lane] = k[:, key] . q[:, lane]`        | queries         | attention scores         |
/// | `StripKernel`  | `o[d, lane] += v[key, d] * p[key, lane]`       | queries         | attention output         |
/// | `ValueKernel`  | the same, of rows as wide as they are          | queries, keys   | attention's gradients    |
///
/// With queries along the lanes, softmax needs no sum across a vector: every lane is a query of its own with
/// its own maximum and sum. Keys are turned, a block at a time, and values read in the layout of the cache, one float
/// at a time, spread over the lanes by a broadcasting load; query heads that share keys share the turned block.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.model.backend.cpu;
