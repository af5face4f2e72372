package seer.warp;

import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/// What teaches TornadoVM's compiler the operations of this package. It is compiled against a TornadoVM SDK and found
/// as a service, where there is one.
public interface Extension {

    /// The extension on the class path, if any.
    static Optional<Extension> find() {
        return ServiceLoader.load(Extension.class, Extension.class.getClassLoader()).findFirst();
    }

    /// Makes TornadoVM's CUDA backend understand the operations, once for a process and before its first kernel is
    /// compiled; a second call does nothing.
    ///
    /// @param log told what the CUDA compiler says of each kernel: registers, spills, local memory
    /// @return what is in the way, in words, and then nothing was changed; empty where it is active
    Optional<String> install(Consumer<String> log);

    /// Compute capability of the device, times ten: 80 has `mma.sync`, 90 `wgmma` and the copy engine.
    int capability();

    /// Begins or ends measuring what each kernel with such operations takes on the device; a measured kernel is waited
    /// for.
    void measure(boolean wanted);

    /// Milliseconds by kernel since the last call.
    Map<String, Double> times();

    /// Waits until the device has done all that was started. Without this nobody waits: where the extension is active,
    /// TornadoVM starts a graph while the one before is still running.
    void await();

    /// A mark on the device behind all that was started so far.
    Mark mark();

    /// A moment on the device, which may still be to come.
    interface Mark extends AutoCloseable {
        /// Nanoseconds between an earlier moment and this one, for which it waits.
        long nanosSince(Mark earlier);

        /// Gives the mark back.
        @Override
        void close();
    }
}
