package seer.model.backend.tornado.device;

/// Elements of a bank that belong to somebody.
///
/// @param first within the bank
/// @param size  elements
/// @param used  whether they have had another owner before
record Stretch(Bank bank, int first, int size, boolean used) {
    /// The place `elements` further on.
    Place at(int elements) {
        return new Place(bank, first + elements);
    }

    /// Where it begins.
    Place start() {
        return at(0);
    }

    long bytes() {
        return (long) bank.kind().bytes() * size;
    }
}
