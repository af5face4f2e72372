package uk.ac.manchester.tornado.api.exceptions;

/// A kernel that could not be compiled. The simulator never throws it.
public class TornadoBailoutRuntimeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TornadoBailoutRuntimeException(String message) {
        super(message);
    }
}
