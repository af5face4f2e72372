package seer.model.backend.tornado.sdk;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// The system's libraries below TornadoVM's drivers.
///
/// They are asked first, because TornadoVM says only that a library of its own was not found when in truth one of
/// these is missing, and prints what it likes when there is no device. Known for Linux; elsewhere nothing is asked.
@SuppressWarnings("restricted")
final class DriverLibraries {
    private static final String OPENCL = "libOpenCL.so.1";
    private static final String CUDA = "libcuda.so.1";
    private static final int NO_DEVICE = 100; // of cuInit
    private static final int LAZY = 1; // RTLD_LAZY
    private static final String RUNTIME_COMPILER = "libnvrtc";
    private static final Pattern WANTED_VERSION = Pattern.compile("libnvrtc\\.so\\.(\\d+)");

    private DriverLibraries() { }

    /// Why this driver cannot run here, without the full stop; empty when nothing speaks against it.
    ///
    /// @param driver   the end of the name of TornadoVM's module: `opencl`, `cuda`, `ptx`
    /// @param ownFolder where TornadoVM's libraries lie
    static Optional<String> obstacle(String driver, Path ownFolder) {
        if (!System.mapLibraryName(driver).endsWith(".so")) {
            return Optional.empty();
        }
        var below = switch (driver) {
            case "opencl" -> openCl();
            case "cuda", "ptx" -> cuda();
            default -> Optional.<String>empty();
        };
        return below.isPresent() ? below : own(driver, ownFolder.resolve(System.mapLibraryName("tornado-" + driver)));
    }

    private static Optional<String> openCl() {
        try (Arena arena = Arena.ofConfined()) {
            var missing = loaderComplaint(OPENCL).map(complaint -> absent(OPENCL, complaint)
                    + ": install an OpenCL loader (ocl-icd) and the OpenCL driver of the device");
            if (missing.isPresent()) {
                return missing;
            }
            var library = SymbolLookup.libraryLookup(OPENCL, arena);
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            int error = (int) Linker.nativeLinker().downcallHandle(library.findOrThrow("clGetPlatformIDs"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS)).invokeExact(0, MemorySegment.NULL, count);
            return error == 0 && count.get(ValueLayout.JAVA_INT, 0) > 0 ? Optional.empty()
                    : Optional.of("OpenCL finds no platform (clGetPlatformIDs returned " + error + "): install the "
                            + "OpenCL driver of the device; for a processor, PoCL");
        } catch (Throwable e) {
            return Optional.of(OPENCL + " cannot be called: " + e);
        }
    }

    private static Optional<String> cuda() {
        try (Arena arena = Arena.ofConfined()) {
            var missing = loaderComplaint(CUDA).map(complaint -> absent(CUDA, complaint)
                    + ": install the NVIDIA driver");
            if (missing.isPresent()) {
                return missing;
            }
            var library = SymbolLookup.libraryLookup(CUDA, arena);
            int error = (int) Linker.nativeLinker().downcallHandle(library.findOrThrow("cuInit"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)).invokeExact(0);
            return error == 0 ? Optional.empty() : Optional.of(error == NO_DEVICE ? "the NVIDIA driver finds no GPU"
                    : "the NVIDIA driver does not start (cuInit returned " + error + ")");
        } catch (Throwable e) {
            return Optional.of(CUDA + " cannot be called: " + e);
        }
    }

    /// TornadoVM's library on top, which with CUDA needs the run-time compiler too.
    private static Optional<String> own(String driver, Path file) {
        return loaderComplaint(file.toString()).map(complaint -> sentence(driver, file, complaint));
    }

    /// What to do about a library that the system's loader refuses.
    ///
    /// @param complaint in the loader's own words
    static String sentence(String driver, Path file, String complaint) {
        String refused = file + " does not load (" + complaint + ")";
        if (!driver.equals("cuda") || !complaint.contains(RUNTIME_COMPILER)) {
            return refused + ": ldd shows which libraries it asks for";
        }
        var version = WANTED_VERSION.matcher(complaint);
        return refused + ": that is NVRTC, CUDA's run-time compiler; install the CUDA toolkit"
                + (version.find() ? " " + version.group(1) + " (another major version does not do)" : "")
                + " and name its library folder in LD_LIBRARY_PATH";
    }

    /// By `dlopen`, as a [SymbolLookup] keeps the loader's reason to itself.
    private static Optional<String> loaderComplaint(String file) {
        var linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            var open = linker.downcallHandle(linker.defaultLookup().findOrThrow("dlopen"), FunctionDescriptor.of(
                    ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
            var complaint = linker.downcallHandle(linker.defaultLookup().findOrThrow("dlerror"),
                    FunctionDescriptor.of(ValueLayout.ADDRESS.withTargetLayout(
                            MemoryLayout.sequenceLayout(Long.MAX_VALUE, ValueLayout.JAVA_BYTE))));
            var library = (MemorySegment) open.invokeExact(arena.allocateFrom(file), LAZY);
            if (!library.equals(MemorySegment.NULL)) {
                return Optional.empty(); // and stays: TornadoVM loads it again in a moment
            }
            String words = ((MemorySegment) complaint.invokeExact()).getString(0);
            return Optional.of(words.startsWith(file + ": ") ? words.substring(file.length() + 2) : words);
        } catch (Throwable e) {
            return Optional.of("dlopen cannot be called: " + e);
        }
    }

    /// A library that is not there, or one that is and does not load.
    static String absent(String library, String complaint) {
        return complaint.matches("cannot open shared object file: No such file.*") ? library + " was not found"
                : library + " does not load (" + complaint + ")";
    }
}
