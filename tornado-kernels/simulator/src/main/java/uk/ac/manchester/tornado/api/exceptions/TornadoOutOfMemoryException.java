package uk.ac.manchester.tornado.api.exceptions;

/// A buffer for which the device has no room.
public class TornadoOutOfMemoryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TornadoOutOfMemoryException(String message) {
        super(message);
    }
}
