package seer.model.backend.tornado.device;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.tornado.sdk.Installation;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// The array on the host that stands for a bank in TornadoVM's graphs. Nothing is ever copied into it or out of it, so
/// it must not cost what the bank does: its memory comes from `malloc`, and the system gives pages to such memory when
/// they are first touched. Java's own arenas fill memory with zeros, which touches all of them.
@SuppressWarnings("restricted")
final class HostTwin {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle MALLOC = handle("malloc",
            FunctionDescriptor.of(AddressLayout.ADDRESS, ValueLayout.JAVA_LONG));
    private static final MethodHandle FREE = handle("free", FunctionDescriptor.ofVoid(AddressLayout.ADDRESS));

    private final MemorySegment memory;
    private final TornadoNativeArray array;

    HostTwin(Kind kind, int elements) {
        long bytes = TornadoNativeArray.ARRAY_HEADER + (long) kind.bytes() * elements;
        memory = malloc(bytes).reinterpret(bytes);
        array = kind.over(memory);
    }

    TornadoNativeArray array() {
        return array;
    }

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
    }

    private static MemorySegment malloc(long bytes) {
        MemorySegment got;
        try {
            got = (MemorySegment) MALLOC.invokeExact(bytes);
        } catch (Throwable e) {
            throw new AssertionError("malloc throws nothing", e);
        }
        if (got.equals(MemorySegment.NULL)) {
            throw new BackendUnavailableException(Installation.NAME, "the system gives no address space for "
                    + (bytes >> 20) + " MiB of device memory", "allow overcommitting (vm.overcommit_memory)");
        }
        return got;
    }

    /// Gives the address space back; the array must not be used any more.
    void free() {
        try {
            FREE.invokeExact(memory);
        } catch (Throwable e) {
            throw new AssertionError("free throws nothing", e);
        }
    }
}
