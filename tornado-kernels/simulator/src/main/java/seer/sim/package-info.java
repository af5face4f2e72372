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
/// | `DeviceMemory`    | the device's copies of a graph's buffers                           |
/// | `Launch`          | one kernel over its grid, under each schedule                      |
/// | `WorkGroup`       | the items of one group, taking turns between barriers              |
/// | `WorkItem`        | what one item can ask for: barrier, local arrays, atomics, copies  |
/// | `Warp`            | matrix fragments of 32 items                                       |
/// | `LocalMemory`, `Watch` | who touched which element of local and global memory when     |
/// | `KernelCode`, `Instrumenter` | the kernel behind a lambda, and its watched copy        |
/// | `KernelLanguage`  | the Java that TornadoVM would not compile as it is written         |
///
/// A JVM runs kernels only with `--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED` (see `Fiber`).
///
/// Not simulated: time, register pressure, warp shuffles, 8-bit matrix fragments, library tasks, and
/// the difference between local and global barriers (either one orders all memory of a group).
package seer.sim;
