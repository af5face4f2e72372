package seer.model.backend.tornado.device;

import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// A buffer parameter of a kernel: a few elements of the host that stand in the graph for whatever bank the next run
/// reads or writes there. Mapping a slot onto a bank sets a pointer on the device and costs some microseconds; a graph
/// is compiled once, whatever banks come and go.
final class Slot {
    private static final int ELEMENTS = 4;

    private final Kind kind;
    private final TornadoNativeArray array;
    private Bank bound;

    Slot(Kind kind) {
        this.kind = kind;
        array = kind.array(ELEMENTS);
    }

    TornadoNativeArray array() {
        return array;
    }

    /// The bank that it is mapped onto, or null.
    Bank bound() {
        return bound;
    }

    /// Fails if the kernel would take the bank's elements for others.
    void requireKind(Bank bank) {
        if (kind.bytes() != bank.kind().bytes()) {
            throw new IllegalStateException("a kernel that takes " + kind + " is given " + bank.kind());
        }
    }

    void bind(Bank bank) {
        bound = bank;
    }
}
