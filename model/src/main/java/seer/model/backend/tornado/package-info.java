/// All operations on a device, as TornadoVM task graphs over the kernels of `seer.kernels`.
///
/// | part                                | what it holds                                                        |
/// |-------------------------------------|----------------------------------------------------------------------|
/// | [TornadoBackend]                    | the operations: shapes checked, offsets worked out, graphs run       |
/// | `Layers`, `Selection`, `Attention`  | the task graphs, by subject                                          |
/// | `Operation`, `Step`                 | one task graph and its kernels, with the numbers that change         |
/// | `Device`                            | the execution plan: what was compiled, what runs, what comes back    |
/// | `Heap`, `Regions`                   | one device buffer cut into tensors                                   |
/// | `DeviceTensor`, `DeviceMatrix`, `DeviceMask` | places in them                                              |
/// | `Blank`                             | on the simulator, what tells memory that nobody wrote from zeros     |
///
/// Three buffers hold everything: weights, tensors, and integers (the block lists). A task graph is therefore the
/// same for all layers, is compiled once, and takes offsets and sizes from a small array of integers that is sent
/// with every run. Buffers go to the device when the first operation runs; what is uploaded later goes through a
/// staging buffer. When a buffer is full, all come back once, a larger one takes its place, and kernels are compiled
/// again: sizes are chosen so that this is rare.
package seer.model.backend.tornado;
