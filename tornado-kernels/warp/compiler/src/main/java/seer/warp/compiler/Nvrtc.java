package seer.warp.compiler;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// NVIDIA's run-time compiler, called for an architecture of our choice: TornadoVM always asks for the device's plain
/// one, and `wgmma` needs its variant `sm_90a`.
final class Nvrtc {
    private static final ValueLayout.OfLong SIZE = ValueLayout.JAVA_LONG;

    private final NativeLibrary library;

    Nvrtc() {
        library = NativeLibrary.open(List.of("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"));
    }

    /// A program for the device.
    ///
    /// @param log what the compiler said of registers and spills
    record Image(byte[] bytes, String log) { }

    /// Compiles CUDA C.
    ///
    /// @throws IllegalStateException with the compiler's log
    Image compile(String source, String architecture) {
        var address = ValueLayout.ADDRESS;
        try (var arena = Arena.ofConfined()) {
            var handle = arena.allocate(address);
            library.function("nvrtcCreateProgram", address, address, address, ValueLayout.JAVA_INT, address, address)
                    .call(handle, arena.allocateFrom(source), MemorySegment.NULL, 0, MemorySegment.NULL,
                            MemorySegment.NULL);
            var program = handle.get(address, 0);
            var options = arena.allocate(address, 2);
            options.setAtIndex(address, 0, arena.allocateFrom("--gpu-architecture=" + architecture));
            options.setAtIndex(address, 1, arena.allocateFrom("--ptxas-options=-v"));
            int status = library.function("nvrtcCompileProgram", address, ValueLayout.JAVA_INT, address)
                    .status(program, 2, options);
            String log = new String(bytes(arena, program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog")).strip();
            if (status != 0) {
                throw new IllegalStateException("the CUDA compiler refused a kernel (status " + status + "): " + log);
            }
            byte[] image = bytes(arena, program, "nvrtcGetCUBINSize", "nvrtcGetCUBIN");
            library.function("nvrtcDestroyProgram", address).call(handle);
            return new Image(image, log);
        }
    }

    private byte[] bytes(Arena arena, MemorySegment program, String size, String get) {
        var length = arena.allocate(SIZE);
        library.function(size, ValueLayout.ADDRESS, ValueLayout.ADDRESS).call(program, length);
        var bytes = arena.allocate(Math.max(length.get(SIZE, 0), 1));
        library.function(get, ValueLayout.ADDRESS, ValueLayout.ADDRESS).call(program, bytes);
        return bytes.toArray(ValueLayout.JAVA_BYTE);
    }
}
