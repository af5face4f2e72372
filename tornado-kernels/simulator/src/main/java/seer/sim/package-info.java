/// A simulator of a device for kernels written against the TornadoVM API (version 5.2.0).
///
/// The classes in `uk.ac.manchester.tornado.api` have the public signatures of the real ones, so
/// that a compiled kernel or graph runs on either; those in this package do the work. A kernel runs
/// as written, work-item by work-item: the items of a group run one at a time up to the next barrier,
/// in the order a [seer.sim.Schedule] gives. Device memory is separate from host memory: a kernel
/// sees only what a graph transferred. What a device would leave undefined ends in a
/// [seer.sim.KernelFault] that names kernel, group, item, buffer and element.
///
/// | part              | what it holds                                                      |
/// |-------------------|--------------------------------------------------------------------|
/// | `Graph`, `Plan`   | the list of transfers and tasks, and their execution               |
/// | `DeviceMemory`    | the device's copies of a graph's buffers, `Budget` of all of them  |
/// | `Launch`          | one kernel over its grid, under each schedule                      |
/// | `WorkGroup`       | the items of one group, one after the other between barriers       |
/// | `Cluster`         | groups that reach each other's local memory, by turns              |
/// | `WorkItem`        | what one item can ask for: barrier, local arrays, atomics, copies  |
/// | `Warp`            | matrix fragments of 32 items                                       |
/// | `WarpModel`, `WarpGroupModel`, `AsyncCopyModel` | operations of a warp, of the same names |
/// | `BulkCopyModel`, `ClusterModel`, `QuadModel` | those that reach beyond it, of the same names        |
/// | `Meeting`, `Products`, `CopyBarrier` | lanes in step, products beside the items, phases of copies |
/// | `Order`           | who knows what of local memory, where barriers do not tell it all  |
/// | `LocalMemory`, `Watch`, `Mark` | who touched which element of local and global memory when |
/// | `PrivateArrays`   | which elements of an item's own arrays have a value                |
/// | `Unwritten`       | what memory holds that nobody wrote                                |
/// | `KernelCode`, `Instrumenter` | the kernel behind a lambda, and its watched copy        |
/// | `KernelLanguage`  | the Java that TornadoVM would not compile as it is written         |
///
/// ## Memory
///
/// | memory  | order between items                                  | before anybody writes           |
/// |---------|------------------------------------------------------|---------------------------------|
/// | local   | `localBarrier`, within a group                       | no value                        |
/// | global  | `globalBarrier`, within a group; none between groups | no value, or what a graph sent  |
/// | private |                                                      | no value, although Java clears it |
///
/// All items of a group wait at either barrier, but it orders the one memory only, as
/// `barrier(CLK_LOCAL_MEM_FENCE)` and `barrier(CLK_GLOBAL_MEM_FENCE)` do in OpenCL. (On CUDA both are
/// `__syncthreads()`, which orders both.) A kernel that needs both calls both. An element of a sent
/// buffer that holds the bits of [seer.sim.Unwritten] has no value either: that is how a program which
/// cuts many stretches out of one buffer tells those that were never written from zeros.
///
/// A JVM runs kernels only with `--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED` (see `Fiber`).
///
/// Not simulated: time, register pressure, 8-bit matrix fragments, library tasks. Two calls of one
/// helper from different branches count as one place, so lanes that meet in them are not told apart.
/// Private arrays, local memory, races and fences are watched with full checks alone
/// ([seer.sim.Checks]); 8- and 16-bit buffers that were sent count as written everywhere.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.sim;
