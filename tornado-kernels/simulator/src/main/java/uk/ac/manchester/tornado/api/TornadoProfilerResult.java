package uk.ac.manchester.tornado.api;

/// Times of one execution, in nanoseconds. A simulation has none: all are zero.
public class TornadoProfilerResult {

    TornadoProfilerResult() {
    }

    public long getTotalTime() {
        return 0;
    }

    public long getCompileTime() {
        return 0;
    }

    public long getTornadoCompilerTime() {
        return 0;
    }

    public long getDriverInstallTime() {
        return 0;
    }

    public long getDataTransfersTime() {
        return 0;
    }

    public long getDeviceWriteTime() {
        return 0;
    }

    public long getDeviceReadTime() {
        return 0;
    }

    public long getDeviceKernelTime() {
        return 0;
    }

    public long getKernelDispatchTime() {
        return 0;
    }
}
