package seer.model.backend;

/// A device that TornadoVM sees.
///
/// @param id          `driver:device`, as TornadoVM counts them
/// @param driver      TornadoVM's backend: `OPENCL`, `CUDA`
/// @param name        as the device names itself
/// @param platform    whose driver it is
/// @param type        `GPU`, `CPU`
/// @param memoryBytes its global memory
/// @param localBytes  the local memory of a work-group
/// @param isDefault   used where nothing else is asked for
/// @param tensorCores compute capability, times ten, of the tensor cores that kernels may use; 0: none, or not asked
public record DeviceInfo(String id, String driver, String name, String platform, String type, long memoryBytes,
                         long localBytes, boolean isDefault, int tensorCores) {

    /// The same device, with what kernels may use of it.
    public DeviceInfo with(int cores) {
        return new DeviceInfo(id, driver, name, platform, type, memoryBytes, localBytes, isDefault, cores);
    }

    /// Its name, and whose driver it is.
    @Override
    public String toString() {
        return name + " (" + platform + ")";
    }
}
