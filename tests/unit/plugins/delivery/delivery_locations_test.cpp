#include "delivery_fixture.hpp"

namespace statecast::delivery {
namespace {

class DeliveryLocations : public DeliveryTest {
 protected:
  // Of d-1, which is there; checks that it stays where it is.
  std::string refused(std::string_view data) {
    move();
    const std::string why = refusal(move(data));
    EXPECT_EQ(location(), kHere);
    return why;
  }
  static std::string at(std::string_view latitude, std::string_view longitude, std::string_view more = "") {
    const std::string place = R"({"latitude":)" + std::string(latitude) + R"(,"longitude":)" + std::string(longitude);
    return place + std::string(more) + "}";
  }
};

TEST_F(DeliveryLocations, ALocationIsReportedOnTheTopicsOfTheDriverAndOfAll) {
  EXPECT_EQ(move().text(), "0: updated drivers/d-1 on drivers/d-1 drivers/all\n");
}

TEST_F(DeliveryLocations, ALocationIsRenderedAsTheSeedsJsonWithTheTimeOfItsEvent) {
  move();
  EXPECT_EQ(shown("drivers/d-1"),
            R"({"type":"driver_location","driverId":"d-1","location":{"latitude":43.6532,"longitude":-79.3832,)"
            R"("heading":180,"speed":45.5},"timestamp":"2023-12-20T14:35:00.000Z"})");
}

TEST_F(DeliveryLocations, NumbersAreWrittenAsTheyWereSent) {
  for (const char* number : {"43.6532", "-0", "0.10", "1e1", "-7.50E-1", "12.3456789012345678", "90", "-90.0"}) {
    move(at(number, "0"));
    EXPECT_EQ(location(), at(number, "0"));
  }
}

TEST_F(DeliveryLocations, TheFourFieldsStandFirstWhateverTheOrderTheyCameIn) {
  move("\n{ \"speed\" : 1 ,\t\"zone\" : \"a\" , \"heading\":2, \"longitude\" : 3 , \"latitude\":4 }\n");
  EXPECT_EQ(location(), R"({"latitude":4,"longitude":3,"heading":2,"speed":1,"zone":"a"})");
}

TEST_F(DeliveryLocations, APlatformsOwnFieldsPassThroughAsTheyCame) {
  const std::string own = R"(,"accuracy":5.0,"on":true,"off":false,"name":"Zoë \" \u00e9, }","k\"\\ey":1,)"
                          R"("list":[1, {"a":[]}],"vehicle":{"type":"bike", "no":null}})";
  move(R"({"latitude":1,"longitude":2)" + own);
  EXPECT_EQ(location(), R"({"latitude":1,"longitude":2)" + own);
}

TEST_F(DeliveryLocations, AFieldIsWhatItsNameMeansHoweverItIsWritten) {
  move(R"({"l\u0061titude":1,"longitude":2})");
  EXPECT_EQ(location(), at("1", "2"));
}

TEST_F(DeliveryLocations, OfAFieldThatComesTwiceTheLastCounts) {
  move(R"({"latitude":1,"longitude":2,"latitude":3})");
  EXPECT_EQ(location(), at("3", "2"));
}

TEST_F(DeliveryLocations, EachLocationStandsForItself) {
  move(at("1", "2", R"(,"heading":3,"speed":4,"accuracy":5)"));
  move(at("6", "7", R"(,"battery":8)"));
  EXPECT_EQ(location(), at("6", "7", R"(,"battery":8)"));
}

TEST_F(DeliveryLocations, HeadingAndSpeedMayBeUnknown) {
  move(at("1", "2", R"(,"heading":null,"speed":null,"accuracy":null)"));
  EXPECT_EQ(location(), at("1", "2"));
}

TEST_F(DeliveryLocations, ADriversOwnIdMayStandInItsDataAndIsNotRepeated) {
  move(R"({"driverId":"d-1","latitude":1,"longitude":2})");
  EXPECT_EQ(location(), at("1", "2"));
  for (const char* id : {"\"d-2\"", "1", "null"})
    EXPECT_EQ(refused(std::string(R"({"latitude":1,"longitude":2,"driverId":)") + id + "}"),
              "data.driverId must be the event's subject, or absent");
}

TEST_F(DeliveryLocations, ALocationThatIsRepeatedIsNoChange) {
  move();
  EXPECT_EQ(move().text(), "");
  EXPECT_EQ(move(kHere, "d-1", kStart + 1).text(), "0: updated drivers/d-1 on drivers/d-1 drivers/all\n");
}

TEST_F(DeliveryLocations, TheOrderOfTheEventsCountsAndNotTheirTimes) {
  move(at("1", "2"), "d-1", kStart + kSecond);
  move(at("3", "4"), "d-1", kStart);
  EXPECT_EQ(location(), at("3", "4"));
}

TEST_F(DeliveryLocations, TheLimitsThemselvesAreAllowed) {
  for (const std::string& data :
       {at("90", "180", R"(,"heading":360)"), at("-90", "-180", R"(,"heading":0,"speed":0)")}) {
    move(data);
    EXPECT_EQ(location(), data);
  }
}

TEST_F(DeliveryLocations, WhatLiesOutsideTheLimitsIsRejected) {
  const std::string latitude = "data.latitude must be a number from -90 to 90";
  for (const char* value : {"90.0001", "-90.0001", "1e400", "\"1\"", "null", "true", "[1]", "{}"})
    EXPECT_EQ(refused(at(value, "0")), latitude) << value;
  const std::string longitude = "data.longitude must be a number from -180 to 180";
  for (const char* value : {"180.0001", "-181", "\"1\"", "null"})
    EXPECT_EQ(refused(at("0", value)), longitude) << value;
  for (const char* value : {"-0.1", "360.1", "\"N\"", "[]"})
    EXPECT_EQ(refused(at("0", "0", std::string(R"(,"heading":)") + value)),
              "data.heading must be a number from 0 to 360")
        << value;
  for (const char* value : {"-1", "\"1\"", "{}"})
    EXPECT_EQ(refused(at("0", "0", std::string(R"(,"speed":)") + value)), "data.speed must be a number of at least 0")
        << value;
}

TEST_F(DeliveryLocations, ALocationWithoutAPlaceIsRejected) {
  EXPECT_EQ(refused("{}"), "data.latitude is missing");
  EXPECT_EQ(refused(R"({"longitude":1,"speed":2})"), "data.latitude is missing");
  EXPECT_EQ(refused(R"({"latitude":1})"), "data.longitude is missing");
}

TEST_F(DeliveryLocations, DataThatIsNoObjectIsRejected) {
  for (const char* data : {"null", "7", "[]", "\"x\"", "true"})
    EXPECT_EQ(refused(data), "data must be an object") << data;
  for (const char* data : {"", "{", R"({"latitude":1,"longitude":2)", R"({"latitude")", R"({"latitude":1 2})"})
    EXPECT_EQ(refused(data), "data is no JSON that can be read") << data;
}

TEST_F(DeliveryLocations, DataMayHave4KiBAndNoMore) {
  const std::string head = R"({"latitude":1,"longitude":2,"note":")";
  const auto of_size = [&](std::size_t size) { return head + std::string(size - head.size() - 2, 'x') + "\"}"; };
  EXPECT_EQ(refused(of_size(4097)), "data is larger than 4 KiB");
  move(of_size(4096));
  EXPECT_EQ(location(), of_size(4096));
}

TEST_F(DeliveryLocations, ASubjectThatIsNoIdIsRejected) {
  EXPECT_EQ(refusal(move(kHere, "d 1")),
            "the subject must be the driver's id: 1 to 128 characters of A-Z a-z 0-9 . _ - :");
  EXPECT_EQ(refusal(move(kHere, "all")), "no driver can have the id 'all': drivers/all is the topic of all drivers");
}

TEST_F(DeliveryLocations, ATimeThatCannotBeWrittenIsRejected) {
  for (const std::int64_t time : {INT64_MIN, INT64_MAX})
    EXPECT_EQ(refusal(move(kHere, "d-1", time)), "the event's time must lie in the years 0 to 9999");
}

TEST_F(DeliveryLocations, ARunAndADriverOfOneIdDoNotCollide) {
  run(R"({"status":"PLANNED"})", "x");
  move(kHere, "x");
  EXPECT_EQ(data("x"), R"({"status":"PLANNED"})");
  EXPECT_EQ(location("x"), kHere);
  EXPECT_EQ(state_.list("runs/all"), std::vector<std::string>{"runs/x"});
  EXPECT_EQ(state_.list("drivers/all"), std::vector<std::string>{"drivers/x"});
}

// Most locations are read in a quick way, the others in a careful one.
TEST_F(DeliveryLocations, ALocationIsTheSameHoweverItIsSpelt) {
  for (const char* data : {R"({"latitude":90,"longitude":-180,"heading":360,"speed":0})", R"({"latitude":-90,"longitude":180})",
                           R"({"latitude":90.0001,"longitude":0})", R"({"latitude":-90.5,"longitude":0})", R"({"latitude":0,"longitude":180.01})",
                           R"({"latitude":89.999,"longitude":-179.999,"heading":359.9,"speed":12345678})", R"({"latitude":-0,"longitude":-0.0})",
                           R"({"latitude":1,"longitude":2,"heading":-0})", R"({"latitude":1,"longitude":2,"heading":-0.5})",
                           R"({"latitude":1,"longitude":2,"speed":-1})", R"({"latitude":1,"longitude":2,"heading":null,"speed":null})",
                           R"({"latitude":null,"longitude":2})", R"({"latitude":"1","longitude":2})", R"({"latitude":1})", "{}",
                           R"({ "speed" : 4 , "longitude" : 2 , "x" : "y" , "latitude" : 1.50 , "z" : null , "on" : true })",
                           R"({"latitude":1,"longitude":2,"driverId":"d-1"})", R"({"latitude":1,"longitude":2,"driverId":"d-2"})",
                           R"({"latitude":1,"longitude":2,"driverId":7})", R"({"latitude":1,"latitude":91,"longitude":2})",
                           R"({"latitude":91,"latitude":1,"longitude":2})", R"({"latitude":1,"longitude":2,"heading":3,"heading":null})"}) {
    testkit::StateKit plain(table(), "{}"), escaped(table(), "{}");
    const auto moved = [&](testkit::StateKit& state, std::string text) {
      return state.apply({{.type = "DriverLocationUpdated", .subject = "d-1", .data = std::move(text), .time_us = kStart}}).text();
    };
    EXPECT_EQ(moved(plain, data), moved(escaped, spelt_with_an_escape(data))) << data;
    EXPECT_EQ(plain.render("drivers/d-1", DeliveryState::kEverything), escaped.render("drivers/d-1", DeliveryState::kEverything)) << data;
  }
}

}  // namespace
}  // namespace statecast::delivery
