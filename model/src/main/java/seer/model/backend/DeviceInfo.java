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
public record DeviceInfo(String id, String driver, String name, String platform, String type, long memoryBytes,
                         long localBytes, boolean isDefault) {

    /// Its name, and whose driver it is.
    @Override
    public String toString() {
        return name + " (" + platform + ")";
    }
}
