"""Our Open-RMF types are upstream's: the same type hashes, so adapters built against either fit the other."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

# RIHS01 hashes of rmf_internal_msgs 4.1.0 and rmf_building_map_msgs as published upstream.
HASHES = {
    "rmf_building_map_msgs": {
        "msg/AffineImage": "20ca35f02b4d15c0dd9c32b19a3ece038bd9a4adad8fe11d4891fbe19e961caf",
        "msg/BuildingMap": "04a3cde4e7f13d13ba94efc8e10fafd7a808bf748dabb51920f5493865492b5e",
        "msg/Door": "7beebf1d0e1bb6dd288a0347067c1ada632ddc3ed782a4b0a604ff242f0b63aa",
        "msg/Graph": "c3985e6c47f6058ad1d6c8226d763599bb0a0d396aa5fa7b333b6e38dd883728",
        "msg/GraphEdge": "0a586959bbd77b6d78c03dfe7ccd6ca9ae47b57134df439caaf676cc0f025a12",
        "msg/GraphNode": "cd8d66c032b19ee08cd2506638f4f613410d77c4f885006695f5d42b8e7138af",
        "msg/Level": "fe6453f2446fd8050f8042c9bbfa7a673428ecba044ef88e38855032ffc45ddc",
        "msg/Lift": "c94fc270ca9572ce0d4ceb96a92bf8153cc30aff65a00d32573df65789857565",
        "msg/Param": "a72579778c6d0c56ef07b62664e5a8b1a94c0d742fd865b65dcb40472b140a59",
        "msg/Place": "daeddc319a9e44e7666e08f1fb761506d8f91ccc1500d7f141940008c44e80cf",
        "srv/GetBuildingMap": "da70d940371ccb4273068ccb69b4c8b3a9a400577a343776614a748ae9c352e4",
    },
    "rmf_charger_msgs": {
        "msg/ChargerState": "13638f4a1149cb44d0e56c42f41e2ea752846d25010e16de13f2d1b05f4fe9f0",
    },
    "rmf_door_msgs": {
        "msg/DoorMode": "02c834bb83aa3ca1fbd8cf4f61a1d1ae4dc8227111bde3820dda580f8c2c6429",
        "msg/DoorRequest": "3145b5d97064f89b0a0db953b8167ddeeefbc2914c24a603c3bdc51f122f143e",
        "msg/DoorSessions": "62e2203fd2335db5b1bf51a94e0cdbd4e08f85989635179d4f69d9d75963cdce",
        "msg/DoorState": "1cb9d98f19c66cbc1f9acb16faaa90c63a7b65021bd26c69958d96f0a0388bb2",
        "msg/Session": "276fee3ca5122cdca08d00b86e2f27009f5938bba19d90a65a1fcb99f4ec994d",
        "msg/SupervisorHeartbeat": "6537eeea544846a14c47bce940894d9c1887c179d698b9cc22855b219b3262b2",
    },
    "rmf_fleet_msgs": {
        "msg/ClosedLanes": "185ec9d21e376a955e23ef04e30b39096c30327e7c261a46f1dc461abe4f8a71",
        "msg/DestinationRequest": "568d7913e870ac8a048d7960dc7c05ce82fd6730c774bbf224ac128ed82c3193",
        "msg/EmergencySignal": "2bcead0701ac71c292f12ba705ad9164b796b2660ae48cbf74204515fe5156e0",
        "msg/FleetState": "9ea5bb9f2c076a587b20c04974581c8d8e2ec7d02300244f9e39e37d7d9192f4",
        "msg/LaneRequest": "100c4069966b9c5f1643862c4cb47866144395cc30ec51b1a99f0b834c72158e",
        "msg/Location": "6136f1fc14b896b572c34746c55dbbfd8862e3c561ad5c957ee8b0c116a0e8df",
        "msg/ModeParameter": "965e84b959f6ea451ab7d48a06eec49e9ccee97d141a361e641a55b586e02908",
        "msg/ModeRequest": "47b07be607f821c3429e4e8e951cf1cec9fa89a03bc5bf70947cf4c85ea3d00d",
        "msg/PathRequest": "1a0615d545f950221bba18a948fa34a63bc55d62e10efe715b5ee04810e6a68b",
        "msg/PauseRequest": "16d0fe233e1175224d28d0e8a35be33f92ea46e85f6a8556f8741c60b38bb815",
        "msg/RobotMode": "9cd4cf773031229f5373fd1b942acf16d140664b79e2463b5e476c1ef6933b2d",
        "msg/RobotState": "92afab7de71fff5ec992cb0e9809268335c358adefc4a503bf9c3ce075da0c9f",
        "msg/SpeedLimitRequest": "a20aaa1e353b1cc0793dad24dfca43d7bd8369c4e5962fb3cc6280d0b6381017",
        "msg/SpeedLimitedLane": "3a34e363a49d5fe3017c5419b100f5590c4951af89e6fb7bd4d81f022cf56df0",
    },
    "rmf_lift_msgs": {
        "msg/LiftRequest": "e8f1e0aa4d172703d0d7840c1876448c6c5d75ab58955faf7de7dddc17c096ac",
        "msg/LiftState": "ce0553cd08eeeb321bdae554efdb6d2ebb2be9755df2e34895cbef55b51f4c06",
    },
    "rmf_task_msgs": {
        "msg/ApiRequest": "8edd8f06d54387a67bad68640b881500f2558bc81a5b7121a9151b5b21b21ca6",
        "msg/ApiResponse": "73e0dbdc53ee903a6352020fcf2fbbc5331aee4d85483b1ac96eac4c14e69f58",
    },
}
UPSTREAM = {f"{package}/{name}": value for package, found in HASHES.items() for name, value in found.items()}


def installed_hash(type_name: str) -> str:
    """The hash in the type description that the interface build installed into this environment."""
    package, kind, name = type_name.split("/")
    description = Path(sys.prefix) / "share" / package / kind / f"{name}.json"
    if not description.exists():
        pytest.skip(f"{package} was not built by `make setup`: ROS 2's own is used")
    hashes = json.loads(description.read_text(encoding="utf-8"))["type_hashes"]
    return next(entry["hash_string"] for entry in hashes if entry["type_name"] == type_name)


@pytest.mark.parametrize("type_name", UPSTREAM)
def test_type_hash_equals_upstreams(type_name: str) -> None:
    assert installed_hash(type_name) == f"RIHS01_{UPSTREAM[type_name]}"


def test_every_open_rmf_type_of_ours_is_checked() -> None:
    folder = Path(__file__).resolve().parents[2] / "interfaces"
    ours = {
        f"{file.parts[-3]}/{file.parts[-2]}/{file.stem}"
        for pattern in ("rmf_*/msg/*.msg", "rmf_*/srv/*.srv")
        for file in folder.glob(pattern)
    }
    assert ours == set(UPSTREAM)
