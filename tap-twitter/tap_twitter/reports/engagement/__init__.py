"""The reports of X's Engagement API (Domo: Twitter Engagement), for the owners of posts.

Source: https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/engagement-api.
"""
