import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.eventbus.bridge.tcp.impl.protocol.FrameHelper;
import io.vertx.ext.eventbus.bridge.tcp.impl.protocol.FrameParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A Java client of the event bus bridge. Over TCP the frames are written and read by the classes with which Vert.x does it. Over a WebSocket each is a
 * binary message, and binary messages are all that it reads, as with the client in Vert.x's repository of clients, which has not been released.
 *
 * Argument: a JSON object with `port`, and `path` for a WebSocket. Lines of its input are frames to send; it prints a line for each
 * event: `open`, `message` with the frame that came, `other` for what such a client cannot read, `closed`, `failed`. It ends with its input.
 */
public final class VertxClient {
    private static final String HOST = "127.0.0.1";

    public static void main(String[] arguments) throws Exception {
        JsonObject options = new JsonObject(arguments[0]);
        Vertx vertx = Vertx.vertx();
        Future<Consumer<JsonObject>> connecting = options.containsKey("path") ? overWebSocket(vertx, options) : overTcp(vertx, options);
        connecting.onSuccess(send -> print("open", null)).onFailure(VertxClient::failed);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = input.readLine()) != null;) {
            JsonObject frame = new JsonObject(line);
            connecting.onSuccess(send -> send.accept(frame));
        }
        System.exit(0);
    }

    private static Future<Consumer<JsonObject>> overTcp(Vertx vertx, JsonObject options) {
        return vertx.createNetClient().connect(options.getInteger("port"), HOST).map(socket -> {
            socket.handler(new FrameParser(parsed -> {
                if (parsed.succeeded()) print("message", parsed.result());
                else failed(parsed.cause());
            }));
            socket.closeHandler(gone -> print("closed", null));
            return frame -> send(frame, socket);
        });
    }

    private static void send(JsonObject frame, NetSocket socket) {
        if (frame.size() == 1 && frame.containsKey("type")) {
            FrameHelper.sendFrame(frame.getString("type"), socket);
        } else {
            FrameHelper.sendFrame(frame.getString("type"), frame.getString("address"), frame.getString("replyAddress"), frame.getJsonObject("headers"),
                null, frame.getValue("body"), socket);
        }
    }

    private static Future<Consumer<JsonObject>> overWebSocket(Vertx vertx, JsonObject options) {
        WebSocketConnectOptions where = new WebSocketConnectOptions().setHost(HOST).setPort(options.getInteger("port")).setURI(options.getString("path"));
        return vertx.createWebSocketClient().connect(where).map(VertxClient::sender);
    }

    private static Consumer<JsonObject> sender(WebSocket socket) {
        socket.binaryMessageHandler(message -> print("message", new JsonObject(message)));
        socket.textMessageHandler(message -> print("other", new JsonObject().put("text", message)));
        socket.closeHandler(gone -> print("closed", null));
        return frame -> socket.writeBinaryMessage(Buffer.buffer(frame.encode()));
    }

    private static void failed(Throwable cause) { print("failed", new JsonObject().put("reason", cause.toString())); }

    private static synchronized void print(String event, JsonObject frame) {
        System.out.println(new JsonObject().put("event", event).put("frame", frame).encode());
    }
}
