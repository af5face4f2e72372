/// All operations on a device, as TornadoVM task graphs over the kernels of `seer.kernels`.
///
/// | part                                | what it holds                                                        |
/// |-------------------------------------|----------------------------------------------------------------------|
/// | [TornadoBackend]                    | the operations, each checked by its contract and passed on           |
/// | `Layers`, `Products`, `Frequencies` | the transformer's but attention                                      |
/// | `Attention`                         | over block lists, of one query, and the pooled map                   |
/// | `Selection`, `Gate`, `Counting`     | from queries and keys to block lists, step by step or in one graph   |
/// | `Rungs`, `Rung`, `Work`             | which kernel an operation takes; `ProductRungs`, ... list them       |
/// | `Yardstick`                         | what the device can do at most                                       |
/// | `device`                            | memory in banks, and how a graph runs over them                      |
/// | `sdk`                               | TornadoVM as it is found                                             |
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.model.backend.tornado;
