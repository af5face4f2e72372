package seer.model.backend.tornado;

import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Scratch;

/// Pieces of a scratch room, one after the other.
final class Pieces {
    private Place next;

    /// @param elements of all pieces together
    Pieces(Scratch scratch, long elements) {
        scratch.rows(elements, 1);
        next = scratch.start();
    }

    Place take(long elements) {
        Place taken = next;
        next = next.plus(Math.toIntExact(elements));
        return taken;
    }
}
