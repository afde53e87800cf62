"""An RTSP camera for tests: GStreamer's RTSP server with a moving picture. One JSON line on stdout when ready."""
import argparse
import json
import sys
import warnings

warnings.simplefilter("ignore")
import gi  # noqa: E402

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

options = argparse.ArgumentParser()
options.add_argument("--port", default="0")
options.add_argument("--auth", choices=["none", "basic", "digest"], default="none")
options.add_argument("--user", default="viewer")
options.add_argument("--password", default="")
options.add_argument("--slices", type=int, default=4)
options.add_argument("--codec", choices=["h264", "h265", "jpeg"], default="h264")
options = options.parse_args()

Gst.init(None)

# Several slices per picture, as many cameras send them: what a careless remuxer breaks.
ENCODERS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=600 "
    f"option-string=slices={options.slices} ! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 config-interval=1",
    "h265": "x265enc speed-preset=ultrafast tune=zerolatency key-int-max=15 bitrate=600 ! rtph265pay name=pay0 pt=96 config-interval=1",
    "jpeg": "jpegenc ! rtpjpegpay name=pay0 pt=26",
}
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(options.port)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=640,height=360,framerate=15/1 ! "
    + ENCODERS[options.codec]
    + " )"
)
factory.set_shared(True)

if options.auth != "none":
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    if options.auth == "basic":
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(options.user, options.password), token)
    else:
        auth.set_supported_methods(2)
        auth.add_digest(options.user, options.password, token)
    server.set_auth(auth)
    factory.add_role_from_structure(
        Gst.Structure.new_from_string(
            "user, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
        )
    )

connections = {"open": 0, "total": 0}


def report():
    print(json.dumps({"connections": connections}), flush=True)


def connected(_server, client):
    connections["open"] += 1
    connections["total"] += 1
    report()

    def closed(_client):
        connections["open"] -= 1
        report()

    client.connect("closed", closed)


server.connect("client-connected", connected)
server.get_mount_points().add_factory("/cam", factory)
if server.attach(None) == 0:
    sys.exit("the RTSP server cannot listen")
print(json.dumps({"port": server.get_bound_port()}), flush=True)

loop = GLib.MainLoop()
# The test is gone when stdin ends.
GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP | GLib.IOCondition.IN, lambda *_: loop.quit())
loop.run()
