package uk.ac.manchester.tornado.api.enums;

/// Who runs a kernel. The simulator reports itself as [#JAVA].
public enum TornadoVMBackendType {
    OPENCL, METAL, PTX, CUDA, SPIRV, JAVA, VIRTUAL
}
