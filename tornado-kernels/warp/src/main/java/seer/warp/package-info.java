/// What the items of a warp do together, as operations for kernels.
///
/// Kernels against TornadoVM's own API see single items and a barrier. NVIDIA's devices run 32 items in step, a
/// **warp**, and what makes them fast is done by a warp or by four: products of small matrices, copies that go on in
/// the background, exchanges between registers. Each is a static method here, called from a kernel or from its helpers
/// like any other:
///
/// | class           | who calls                        | what                                              | from    |
/// |-----------------|----------------------------------|---------------------------------------------------|---------|
/// | [Warp]          | 32 items in step, mostly         | `mma.sync`, `ldmatrix`, `shfl.sync`, conversions | sm_80   |
/// | [WarpGroup]     | 128 items in step                | `wgmma`: products that run while the items go on  | sm_90a  |
/// | [AsyncCopy]     | an item                          | `cp.async`: 16 bytes in the background            | sm_80   |
/// | [BulkCopy]      | an item                          | `cp.async.bulk`, `mbarrier`: whole tiles          | sm_90   |
/// | [Cluster]       | an item; `meet`: all items       | copies to several groups, and what they say       | sm_90   |
/// | [Quad]          | an item                          | 16 bytes of global memory at once                 | sm_90   |
/// | [Occupancy]     | all items, or 128 in step        | how registers are shared out                      | sm_90a  |
///
/// ```text
///   registers                 local memory                        global memory
///   private arrays            one int[] of the group              IntArray
///
///   d  <-- Warp.multiplyAdd --  a, b  <-- Warp.load4 --  tile  <-- AsyncCopy.copy, BulkCopy.copy --  tile
///                                             tiles of a cluster  <-- Cluster.copy --  tile
///   d  <-- WarpGroup.product ------------- a, tile
///   d  <-- WarpGroup.productLocal --------- tile, tile
/// ```
///
/// **In step.** Where a method is collective, all 32 (or 128) items call the same call in the source, as often as each
/// other; they may not take different branches around it. Warps are cut from the group by the items' linear numbers.
///
/// **Indices** of local memory and of buffers count ints, sizes of copies and strides count bytes. The local array that
/// tiles lie in must be the kernel's only one: tiles have to begin at multiples of 1,024 bytes, and it does.
///
/// **Registers** are private arrays. Every index into one has to be a constant once loops are unrolled, and so have the
/// arguments that are called constants below: the instruction's text contains them. Helpers may take private arrays,
/// and the local array too if all they do with it is to hand it to these methods.
///
/// The bodies here never run. On a CUDA device Seer's compiler extension puts the PTX instruction that each method
/// names in the place of a call; the simulator puts a scalar model there (`seer.sim.warp`), by name, and watches that
/// nobody uses what is still under way.
///
/// **API**: what is public here is kept from version to version, or its change is told.
package seer.warp;
