/// The part of the TornadoVM 5.2.0 API that Seer's kernels and graphs use, under its own names, so
/// that the same class files run on the simulator and on TornadoVM.
///
/// Mirrored: `KernelContext` (indices, sizes, local arrays but for `Half2`, barriers, atomic
/// additions, 16-bit matrix fragments, asynchronous copies of halves and bytes), task graphs with up
/// to twenty arguments, plans, results, grids, device lists, array types of seven element types,
/// `HalfFloat`, `BFloat16`, scalar `TornadoMath`. Everything mirrored has the signature of the
/// original; a test compares them when the original is at hand.
///
/// Written from the API's public contract; the original is at
/// [TornadoVM](https://github.com/beehive-lab/TornadoVM), Apache License 2.0.
package uk.ac.manchester.tornado.api;
