package uk.ac.manchester.tornado.api.exceptions;

/// A misuse of the API, or a failure of a device.
public class TornadoRuntimeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TornadoRuntimeException(String message) {
        super(message);
    }
}
