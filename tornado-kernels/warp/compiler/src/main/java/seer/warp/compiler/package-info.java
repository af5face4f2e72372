/// The extension of TornadoVM's CUDA backend that gives kernels the operations of [seer.warp].
///
/// ```text
/// kernel --TornadoVM--> graph --WarpPlugins--> CudaNode --> CUDA C with PTX in it --WarpCodeCache, Nvrtc--> WarpKernel
/// ```
///
/// TornadoVM loads [WarpExtension] as a service; what of TornadoVM is not public is looked up in [Internals], all at
/// once, so that another version is refused by name.
///
/// **Internal**: public for Seer's own packages alone, and may change with any version.
package seer.warp.compiler;
