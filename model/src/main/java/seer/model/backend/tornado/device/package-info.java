/// A device as the operations see it: memory that belongs to somebody, and graphs that run over it.
///
/// | part                                | what it holds                                                            |
/// |-------------------------------------|--------------------------------------------------------------------------|
/// | `Device`                            | the operations by name; runs them                                        |
/// | `Operation`, `Step`, `Slot`         | one task graph, its kernels with their numbers and buffers               |
/// | `Plan`, `Failures`                  | TornadoVM's execution plan over all graphs; what it throws, in sentences |
/// | `Memory`, `Budget`                  | banks taken and given back, within what the device has                   |
/// | `Bank`, `Kind`, `HostTwin`, `Regions` | one array of the device, cut into stretches                            |
/// | `DeviceArena`, `Stretch`, `Place`   | whose stretches they are                                                 |
/// | `DeviceTensor`, `DeviceMatrix`, `DeviceCache`, `DeviceMask` | what lies in them                                |
/// | `Staging`, `Scratch`                | the way in and out; room within one operation                            |
/// | `Blank`                             | on the simulator, what tells memory that nobody wrote from zeros         |
///
/// A graph of TornadoVM owns the buffers that its tasks name. So each bank has a graph of its own, which does nothing
/// but hold it, and operations name a few elements of the host in its place, a slot for each buffer parameter. Before
/// an operation runs, `mapOnDeviceMemoryRegion` makes its slots the banks that it is to work on: a matter of pointers.
/// A graph is thus compiled once and serves all layers and models; banks come and go without it, several of a kind
/// where 32-bit indices end, and one that is added moves none.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.model.backend.tornado.device;
