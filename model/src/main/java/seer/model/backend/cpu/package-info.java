/// The processor backend: Java's Vector API on a fixed pool of threads.
///
/// Three loops do nearly all the work, and all three keep 16 accumulators of one vector each in registers:
///
/// | kernel         | result                                         | lanes run along | used for                 |
/// |----------------|------------------------------------------------|-----------------|--------------------------|
/// | `PanelKernel`  | `out[row, lane] = a[row, :] . panel[:, lane]`  | outputs         | projections, gate scores |
/// | `PanelKernel`  | `s[key, lane] = k[key, :] . q[:, lane]`        | queries         | attention scores         |
/// | `ValueKernel`  | `o[d, lane] += v[key, d] * p[key, lane]`       | queries         | attention output         |
///
/// With queries along the lanes, softmax needs no sum across a vector: every lane is a query of its own with
/// its own maximum and sum. Keys and values are read in the layout of the cache, one float at a time, spread
/// over the lanes by a broadcasting load; query heads that share a key/value head read the same rows.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.model.backend.cpu;
