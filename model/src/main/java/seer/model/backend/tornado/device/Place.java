package seer.model.backend.tornado.device;

/// An element of a bank, as a kernel's parameter is set to it: which buffer, and where in it.
public record Place(Bank bank, int first) {
    /// The place `elements` further on.
    public Place plus(int elements) {
        return new Place(bank, first + elements);
    }
}
